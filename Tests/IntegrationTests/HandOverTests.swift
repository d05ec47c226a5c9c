import Foundation
import Testing

/// One generation of Sluice gives its listening sockets to the next, or gets them from systemd.
@Suite struct HandOverTests {
    /// The log lines of both generations, which share one standard error stream.
    private func lines(_ message: String, in sluice: SluiceProcess) -> [JSONValue] {
        sluice.errors.lines.compactMap { JSONValue(parsing: $0) }.filter { $0.message?.string == message }
    }

    /// Ends a generation that this process did not start, and so cannot wait for.
    private func end(_ process: Int32, of sluice: SluiceProcess) throws {
        kill(process, SIGTERM)
        try waitUntil("the successor's end") { lines("drained", in: sluice).count == 2 }
    }

    private func withSuccessor(of sluice: SluiceProcess, _ body: (Int32) throws -> Void) throws {
        sluice.signal(SIGUSR2)
        let line = try sluice.waitForLog("handed over")
        let process = try Int32(#require(line.pid?.int))
        do {
            try body(process)
            try end(process, of: sluice)
        } catch {
            kill(process, SIGKILL)
            throw error
        }
    }

    @Test func `no client is refused and no byte lost while generations change`() throws {
        let (origin, bulk) = (try EchoOrigin(), try Listener())
        let configuration = """
            workers: 2
            drain: 1h
            admin: {listen: "127.0.0.1:0"}
            log: {format: json}
            routes:
              - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
              - {name: bulk, listen: "127.0.0.1:0", to: "\(bulk.endpoint)"}
            """
        try withSluice(configuration: configuration) { sluice in
            let churn = Churn(to: try sluice.listener())
            let client = try Peer.connect(to: sluice.listener(of: "bulk"))
            let flow = BulkFlow(from: try bulk.accept(), to: client)
            try waitUntil("some clients") { churn.servedCount > 20 }
            try withSuccessor(of: sluice) { process in
                try waitUntil("the successor's admin server") {
                    lines("admin listening", in: sluice).count == 2
                }
                let before = churn.servedCount
                try waitUntil("clients of the successor") { churn.servedCount > before + 20 }
                // The connection that the old one has lives on there, and is all that keeps it.
                #expect(sluice.isRunning)
                try flow.stop()
                try sluice.expectExit(0)
                let after = churn.servedCount
                try waitUntil("clients with the old one gone") { churn.servedCount > after + 20 }
                #expect(try churn.stop() > 60)
                #expect(lines("listening", in: sluice).compactMap(\.address?.string).count == 4)
                #expect(Set(lines("listening", in: sluice).compactMap(\.address?.string)).count == 2)
                #expect(lines("ready", in: sluice).last?.pid?.int == Int(process))
            }
        }
    }

    @Test func `a Unix socket and an admin socket go over, too`() throws {
        let origin = try EchoOrigin()
        try withTemporaryDirectory { directory in
            let paths = ["service", "admin"].map { directory.appendingPathComponent($0).path }
            let configuration = """
                admin: {listen: "unix:\(paths[1])"}
                log: {format: json}
                routes:
                  - {name: service, listen: "unix:\(paths[0])", to: "\(origin.endpoint)"}
                """
            try withSluice(configuration: configuration) { sluice in
                try Peer.connect(to: .unix(path: paths[0])).roundTrip()
                try withSuccessor(of: sluice) { _ in
                    try sluice.expectExit(0)
                    try Peer.connect(to: .unix(path: paths[0])).roundTrip()
                    try waitUntil("the successor's admin server") {
                        (try? httpGet("/readyz", from: .unix(path: paths[1])).status) == 200
                    }
                }
                for path in paths { #expect(!FileManager.default.fileExists(atPath: path)) }
            }
        }
    }

    @Test func `a successor that cannot start leaves the service as it is`() throws {
        let origin = try EchoOrigin()
        try withTemporaryDirectory { directory in
            let configuration = """
                admin: {listen: "127.0.0.1:0"}
                log: {format: json}
                routes:
                  - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
                """
            let file = try directory.write(configuration, to: "sluice.yaml")
            try withSluice(arguments: ["run", "--config", file]) { sluice in
                let client = try Peer.connect(to: sluice.listener())
                try client.roundTrip()
                try directory.write("routes: nonsense", to: "sluice.yaml")
                sluice.signal(SIGUSR2)
                let line = try sluice.waitForLog("hand-over failed")
                #expect(line.reason?.string?.hasSuffix("ended before it was ready: exit code 78") == true)
                try client.roundTrip()
                try Peer.connect(to: sluice.listener()).roundTrip()
                #expect(try httpGet("/readyz", from: sluice.admin()).status == 200)
            }
        }
    }

    /// What systemd does for a socket unit: bind, and start the service with the socket at descriptor 3.
    private static let activation = """
        import os, socket, sys
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        early = socket.create_connection(listener.getsockname())
        early.sendall(b"early")
        os.set_inheritable(early.fileno(), True)
        os.dup2(listener.fileno(), 3) if listener.fileno() != 3 else os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="service")
        os.execv(sys.argv[1], sys.argv[1:])
        """

    private static func activation(unix path: String) -> String {
        """
        import os, socket, sys
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\(path)")
        listener.listen()
        os.dup2(listener.fileno(), 3) if listener.fileno() != 3 else os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="service")
        os.execv(sys.argv[1], sys.argv[1:])
        """
    }

    /// It listens on for the next start, and for who comes meanwhile.
    @Test func `the file of a Unix socket that systemd has bound stays, through a hand-over, too`() throws {
        let origin = try EchoOrigin()
        let python = try Tool.python.require()
        try withTemporaryDirectory { directory in
            let path = directory.appendingPathComponent("service").path
            let configuration = """
                admin: off
                log: {format: json}
                routes:
                  - {name: service, listen: "unix:\(path)", to: "\(origin.endpoint)"}
                """
            let launcher = [python, "-c", Self.activation(unix: path)]
            try withSluice(configuration: configuration, launcher: launcher) { sluice in
                try withSuccessor(of: sluice) { _ in
                    try sluice.expectExit(0)
                    try Peer.connect(to: .unix(path: path)).roundTrip()
                }
            }
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a socket that systemd has bound is taken over with who waits in it`() throws {
        let origin = try Listener()
        let python = try Tool.python.require()
        let configuration = """
            workers: 2
            drain: 0s
            admin: off
            log: {format: json}
            routes:
              - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
            """
        try withSluice(configuration: configuration, launcher: [python, "-c", Self.activation]) { sluice in
            // The client that connected before there was a Sluice.
            let early = try origin.accept()
            try early.expect("early")
            for _ in 0..<4 {
                try Peer.connect(to: sluice.listener()).roundTrip(through: origin.accept())
            }
            // Two listeners of the one socket must not wait for each other.
            #expect(lines("listening", in: sluice).count == 1)
        }
    }

    /// systemd goes by the process that it is told of, and so has its watchdog.
    @Test func `systemd hears who the service is now, and that it is alive`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let systemd = try NotifySocket(in: directory)
            let configuration = """
                admin: off
                log: {format: json}
                routes:
                  - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
                """
            let launcher = systemd.launcher(watchdog: 200_000)
            try withSluice(configuration: configuration, launcher: launcher) { sluice in
                try withSuccessor(of: sluice) { process in
                    try systemd.waitFor("MAINPID=\(process)\nREADY=1")
                    try sluice.expectExit(0)
                    // What the first generation has said is behind this: it is over.
                    kill(process, SIGHUP)
                    try systemd.waitFor("RELOADING=1")
                    try systemd.waitFor("WATCHDOG=1")
                }
            }
        }
    }
}
