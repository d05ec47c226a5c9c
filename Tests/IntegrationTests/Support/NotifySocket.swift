import Foundation

/// The socket of a service manager (sd_notify(3)), and what it makes of itself in the environment of a service.
final class NotifySocket {
    private let peer: Peer
    private let path: String

    init(in directory: URL) throws {
        path = directory.appendingPathComponent("notify").path
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try SocketError.check("socket", socket(AF_UNIX, type, 0))
        peer = Peer(adopting: descriptor)
        try SocketError.check(
            "bind",
            Endpoint.unix(path: path).withSocketAddress { bind(descriptor, $0, $1) }
        )
    }

    /// What to start a service with: a watchdog that wants to hear every so many microseconds of this process, as systemd names it, or
    /// of another one.
    func launcher(watchdog: Int, of process: String = "$$") -> [String] {
        let set = "NOTIFY_SOCKET='\(path)' WATCHDOG_USEC=\(watchdog) WATCHDOG_PID=\(process)"
        return ["/bin/sh", "-c", "export \(set); exec \"$@\"", "sh"]
    }

    /// Waits for a message that begins like this, past others; returns it and those.
    @discardableResult
    func waitFor(_ start: String) throws -> (message: String, before: [String]) {
        var before: [String] = []
        while true {
            let message = String(decoding: try peer.receive(), as: UTF8.self)
            if message.hasPrefix(start) { return (message, before) }
            before.append(message)
        }
    }

    /// Waits until for so long nothing has come.
    func waitForSilence(milliseconds: Int32) throws {
        let deadline = Deadline()
        var entry = pollfd(fd: peer.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, milliseconds) > 0 {
            _ = try peer.receive()
            if deadline.hasPassed { throw DeadlinePassed(awaited: "silence") }
        }
    }
}
