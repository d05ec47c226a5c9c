import CSluiceLinux
import Glibc

/// A copy of a listening socket, for the next generation.
public struct HandedSocket: Sendable {
    let descriptor: Int32
    let route: String
    /// Whether the file of a Unix socket is the next generation's to remove: not where systemd made it.
    let ownsFile: Bool
}

/// Starts the next generation of this program, which takes over the listening sockets: see `InheritedSockets`.
///
/// The sockets are the same ones: both generations accept from one queue, so no client is refused while one comes and the
/// other goes.
public enum Successor {
    /// Why there is none, and this generation serves on.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// In the environment: the descriptor on which the new generation says that it is ready.
    static let readyVariable = "SLUICE_READY_FD"
    /// In the environment: the positions, among the sockets, of those whose files stay when the new generation ends.
    static let keptFilesVariable = "SLUICE_KEPT_FILES"
    private static let firstDescriptor = 3
    private static let processDigits = 10

    /// Starts it with this process's arguments, and waits until it is ready. Blocks. Returns its process identifier.
    /// - Parameter sockets: Copies for it. Closed here in any case.
    public static func start(
        _ arguments: [String],
        sockets: [HandedSocket],
        patience: Duration
    ) throws(Failure) -> Int32 {
        defer { for socket in sockets { close(socket.descriptor) } }
        // Not close-on-exec: the child closes all that it is not given.
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("pipe") }
        defer { close(ends[0]) }
        let child = spawn(arguments, sockets: sockets, ready: ends[1])
        let error = errno
        close(ends[1])
        guard child > 0 else { throw Failure(description: "fork: \(String(cString: strerror(error)))") }
        switch wait(on: ends[0], patience: patience) {
        case .ready: return child
        case .ended:
            throw Failure(description: "the new process \(child) ended before it was ready: \(reap(child))")
        case .silent:
            kill(child, SIGKILL)
            throw Failure(
                description: "the new process \(child) was not ready within \(patience): \(reap(child))"
            )
        }
    }

    /// Tells the generation before, if there is one, that this one serves. Called once.
    public static func tellReady() {
        guard let descriptor = getenv(readyVariable).flatMap({ Int32(String(cString: $0)) }) else { return }
        unsetenv(readyVariable)
        var byte = UInt8(ascii: "R")
        _ = write(descriptor, &byte, 1)
        close(descriptor)
    }

    /// Whether this process was started by the generation before.
    public static var isOne: Bool { getenv(readyVariable) != nil }

    private enum Answer { case ready, ended, silent }

    private static func wait(on descriptor: Int32, patience: Duration) -> Answer {
        let deadline = ContinuousClock.now + patience
        while true {
            let left = Int32(clamping: (deadline - .now).milliseconds)
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, left)
            if count == 0 { return .silent }
            guard count > 0 else { continue }
            var byte: UInt8 = 0
            return read(descriptor, &byte, 1) == 1 ? .ready : .ended
        }
    }

    private static func reap(_ child: pid_t) -> String {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
    }

    private static func spawn(
        _ arguments: [String],
        sockets: [HandedSocket],
        ready: Int32
    ) -> pid_t {
        let prefix = "LISTEN_PID="
        let ours = [
            "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", keptFilesVariable, readyVariable, "WATCHDOG_PID",
        ]
        let keptFiles = sockets.indices.filter { !sockets[$0].ownsFile }
        let kept = environment().filter { variable in !ours.contains { variable.hasPrefix("\($0)=") } }
        let added = [
            prefix + String(repeating: "0", count: processDigits),
            "LISTEN_FDS=\(sockets.count)",
            "LISTEN_FDNAMES=\(sockets.map(\.route).joined(separator: ":"))",
            "\(keptFilesVariable)=\(keptFiles.map(String.init).joined(separator: ","))",
            "\(readyVariable)=\(firstDescriptor + sockets.count)",
        ]
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = (added + kept).map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        let descriptors = sockets.map(\.descriptor) + [ready]
        return csluice_spawn_successor(
            argv,
            envp,
            envp[0]! + prefix.utf8.count,
            Int32(processDigits),
            descriptors,
            Int32(descriptors.count)
        )
    }

    private static func environment() -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        return variables
    }

    private static func failure(_ call: String) -> Failure {
        Failure(description: SystemError.last(call).description)
    }
}
