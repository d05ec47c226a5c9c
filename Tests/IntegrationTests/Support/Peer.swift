import Glibc
import Synchronization

/// One end of a connection, played by a test: the client before Sluice, or the origin behind it.
///
/// Every call blocks until it is done or the patience is over. Thread-safe as sockets are: one thread may send while
/// another receives. The descriptor is closed by `close`, `reset` or at the latest with the object.
final class Peer: Sendable {
    private let openDescriptor: Mutex<Int32>

    var descriptor: Int32 { openDescriptor.withLock { $0 } }

    /// Takes the descriptor over.
    init(adopting descriptor: Int32) {
        openDescriptor = Mutex(descriptor)
    }

    deinit { close() }

    /// Connects, and waits until the handshake is done.
    /// - Parameters:
    ///   - source: the IP address to come from; the kernel chooses by default.
    ///   - receiveBuffer: `SO_RCVBUF`, in bytes: a small one keeps the kernel from hiding a slow reader.
    static func connect(
        to endpoint: Endpoint,
        from source: String? = nil,
        receiveBuffer: Int32? = nil
    ) throws -> Peer {
        let peer = try startConnecting(to: endpoint, from: source, receiveBuffer: receiveBuffer)
        try peer.waitForEvents(POLLOUT, what: "a connection to \(endpoint)")
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(peer.descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
        guard failure == 0 else { throw SocketError(call: "connect", code: failure) }
        return peer
    }

    /// Sends the first SYN and does not wait for its answer.
    static func startConnecting(
        to endpoint: Endpoint,
        from source: String? = nil,
        receiveBuffer: Int32? = nil
    ) throws -> Peer {
        let peer = Peer(adopting: try SocketError.check("socket", makeSocket(endpoint.family)))
        if let receiveBuffer { try peer.set(SO_RCVBUF, to: receiveBuffer) }
        if let source {
            let local = Endpoint.tcp(host: source, port: 0)
            try SocketError.check("bind", local.withSocketAddress { bind(peer.descriptor, $0, $1) })
        }
        let outcome = endpoint.withSocketAddress { Glibc.connect(peer.descriptor, $0, $1) }
        // EAGAIN: a Unix socket's backlog is full.
        guard outcome == 0 || errno == EINPROGRESS else { throw SocketError(call: "connect", code: errno) }
        return peer
    }

    /// Non-blocking, and closed in the processes that the tests start: a copy of the descriptor there would keep a
    /// connection open.
    static func makeSocket(_ family: Int32) -> Int32 {
        socket(family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Sends a FIN; the other direction goes on.
    func closeWrite() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        openDescriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    /// Sends a reset instead of a FIN: `SO_LINGER` with no time to linger (socket(7)).
    func reset() throws {
        var linger = linger(l_onoff: 1, l_linger: 0)
        try SocketError.check(
            "setsockopt",
            setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_LINGER,
                &linger,
                socklen_t(MemoryLayout.size(ofValue: linger))
            )
        )
        close()
    }

    func set(_ option: Int32, to value: Int32) throws {
        var value = value
        try SocketError.check(
            "setsockopt",
            setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
        )
    }

    /// The TCP port of this end.
    func localPort() throws -> UInt16 {
        // sin_port and sin6_port stand at the same place.
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        try SocketError.check(
            "getsockname",
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(descriptor, $0, &length)
                }
            }
        )
        return UInt16(bigEndian: address.sin6_port)
    }

    /// Whether bytes, an end, an error or, on a listener, a connection are there to be taken now.
    var hasInput: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    /// Makes every send a segment of its own (TCP_NODELAY).
    func sendAtOnce() throws {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        try SocketError.check(
            "setsockopt",
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        )
    }

    func waitForEvents(_ events: Int32, what: String, deadline: Deadline = Deadline()) throws {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let count = poll(&entry, 1, deadline.pollMilliseconds)
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw SocketError(call: "poll", code: errno) }
            if deadline.hasPassed { throw DeadlinePassed(awaited: what) }
        }
    }
}

/// A socket call failed.
struct SocketError: Error, Equatable, CustomStringConvertible {
    let call: String
    let code: Int32

    var description: String { "\(call): \(String(cString: strerror(code)))" }

    /// The other side sent a reset.
    var isReset: Bool { code == ECONNRESET || code == EPIPE }

    @discardableResult
    static func check(_ call: String, _ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw SocketError(call: call, code: errno) }
        return result
    }
}
