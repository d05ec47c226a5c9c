import Glibc

/// A listening socket of a test: the origin that Sluice connects to.
final class Listener: Sendable {
    let endpoint: Endpoint
    private let socket: Peer

    /// TCP, on a port that the kernel chooses unless one is given.
    convenience init(host: String = "127.0.0.1", port: UInt16 = 0, backlog: Int32 = 4096) throws {
        try self.init(on: .tcp(host: host, port: port), backlog: backlog)
    }

    init(on wanted: Endpoint, backlog: Int32 = 4096) throws {
        socket = Peer(adopting: try SocketError.check("socket", Peer.makeSocket(wanted.family)))
        let descriptor = socket.descriptor
        try socket.set(SO_REUSEADDR, to: 1)
        try SocketError.check("bind", wanted.withSocketAddress { bind(descriptor, $0, $1) })
        try SocketError.check("listen", listen(descriptor, backlog))
        if case .tcp(let host, _) = wanted {
            endpoint = .tcp(host: host, port: try socket.localPort())
        } else {
            endpoint = wanted
        }
    }

    /// Waits for the next connection.
    func accept() throws -> Peer {
        while true {
            try socket.waitForEvents(POLLIN, what: "a connection at the origin")
            if let peer = try acceptOnce() { return peer }
        }
    }

    /// Hands every connection to `body`, each on a thread of its own, until `close`.
    func serve(_ body: @escaping @Sendable (Peer) throws -> Void) {
        _ = Background { [self] in
            while true {
                do {
                    let peer = try accept()
                    _ = Background { try body(peer) }
                } catch is DeadlinePassed {
                    // Nobody came for a while: a test may have other things to do.
                }
            }
        }
    }

    /// `nil` when nobody waits any more. Swift does not see accept4(2), which would do all of it at once.
    private func acceptOnce() throws -> Peer? {
        try inheritance.withLock { _ in
            let descriptor = Glibc.accept(socket.descriptor, nil, nil)
            guard descriptor >= 0 else {
                guard [EAGAIN, EINTR, ECONNABORTED].contains(errno) else {
                    throw SocketError(call: "accept", code: errno)
                }
                return nil
            }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            return Peer(adopting: descriptor)
        }
    }

    /// Whether a connection waits to be accepted.
    var hasPendingConnection: Bool { socket.hasInput }

    /// Refuses connections from now on, and wakes a thread that waits in `accept`.
    func close() {
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
        socket.close()
    }
}

/// An endpoint whose host answers no SYN: a listener with the shortest backlog, which one connection has filled.
/// Linux drops every further SYN without a word, as a firewall does.
final class BlackHole: Sendable {
    let endpoint: Endpoint
    private let listener: Listener
    private let fillers: [Peer]

    init() throws {
        listener = try Listener(backlog: 0)
        endpoint = listener.endpoint
        fillers = [try Peer.connect(to: endpoint), try Peer.startConnecting(to: endpoint)]
    }

    /// Answers again, and waits for the next SYN of those that were dropped. Called once.
    func accept() throws -> Peer {
        fillers[1].close()
        try listener.accept().close()
        return try listener.accept()
    }
}
