import Foundation
import Testing

/// What systemd hears of a service of `Type=notify` with a watchdog: sd_notify(3).
@Suite struct ServiceManagerTests {
    /// Microseconds. A loaded machine may be late for it: nothing here depends on when a message comes.
    private static let watchdog = 200_000

    private func configuration(_ origin: Listener) -> String {
        """
        workers: 1
        admin: off
        log: {format: json}
        routes:
          - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
        """
    }

    @Test func `systemd hears of every step`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let systemd = try NotifySocket(in: directory)
            let launcher = systemd.launcher(watchdog: Self.watchdog)
            try withSluice(configuration: configuration(origin), launcher: launcher) { sluice in
                // Nothing comes before it serves.
                #expect(try systemd.waitFor("READY=1").before == [])
                try systemd.waitFor("WATCHDOG=1")

                let before = monotonicMicroseconds()
                sluice.signal(SIGHUP)
                let reloading = try systemd.waitFor("RELOADING=1\nMONOTONIC_USEC=").message
                let moment = try #require(reloading.split(separator: "=").last.flatMap { Int($0) })
                #expect((before...monotonicMicroseconds()).contains(moment))
                try systemd.waitFor("READY=1")

                sluice.signal(SIGTERM)
                try systemd.waitFor("STOPPING=1")
                try sluice.expectExit(0)
            }
        }
    }

    /// The clock that systemd compares with: sd_notify(3), MONOTONIC_USEC.
    private func monotonicMicroseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }

    /// For it would keep a service alive that is not well: sd_watchdog_enabled(3).
    @Test func `another process's watchdog is not fed`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let systemd = try NotifySocket(in: directory)
            let launcher = systemd.launcher(watchdog: Self.watchdog, of: "1")
            try withSluice(configuration: configuration(origin), launcher: launcher) { sluice in
                try systemd.waitFor("READY=1")
                // A watchdog's first message would come at once, and so before what this brings about.
                sluice.signal(SIGHUP)
                #expect(try systemd.waitFor("RELOADING=1").before == [])
                #expect(try systemd.waitFor("READY=1").before == [])
                sluice.signal(SIGTERM)
                #expect(try systemd.waitFor("STOPPING=1").before == [])
                try sluice.expectExit(0)
            }
        }
    }

    /// A loop that is stuck in a call: the process is there, and serves nobody.
    @Test(.needs(.gcc)) func `a loop that is stuck keeps the watchdog silent`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let systemd = try NotifySocket(in: directory)
            let obstacle = directory.appendingPathComponent("obstacle")
            let library = try PreloadedLibrary("stuck", source: Self.stuckAccept, in: directory)
            let launcher =
                systemd.launcher(watchdog: Self.watchdog)
                + library.launcher(environment: ["OBSTACLE": obstacle.path])
            try withSluice(configuration: configuration(origin), launcher: launcher) { sluice in
                let address = try sluice.listener()
                try systemd.waitFor("WATCHDOG=1")
                try directory.write("", to: obstacle.lastPathComponent)
                let client = try Peer.connect(to: address)
                try systemd.waitForSilence(milliseconds: 1000)
                #expect(!origin.hasPendingConnection)

                try FileManager.default.removeItem(at: obstacle)
                try systemd.waitFor("WATCHDOG=1")
                try client.roundTrip(through: origin.accept())
            }
        }
    }

    private static let stuckAccept = """
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
            while (syscall(SYS_faccessat, AT_FDCWD, getenv("OBSTACLE"), F_OK) == 0) usleep(1000);
            return (int)syscall(SYS_accept4, listener, address, length, flags);
        }

        """
}
