import FlyingSocks
import Glibc

/// Where FlyingFox's sockets wait until they are ready, with what a server in production needs on top:
///
/// - A client that neither sends nor takes a byte for a while loses its connection: FlyingFox has no such timeout.
/// - The pool outlives the listening socket, which may have to be made anew.
struct AdminSocketPool: AsyncSocketPool {
    private let sockets: SocketPool<ePoll> = .ePoll()
    private let idleTimeout: Duration

    init(idleTimeout: Duration) {
        self.idleTimeout = idleTimeout
    }

    /// Its owner opens the pool, once, before any server uses it.
    func open() async throws { try await sockets.prepare() }

    /// Its owner polls, in a task of its own; cancelling that closes the pool.
    func poll() async throws { try await sockets.run() }

    /// A server's request to open the pool: its owner did.
    func prepare() {}

    /// A server's request to poll until it is cancelled: its owner polls.
    func run() async throws {
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        do {
            if isListening(socket) {
                try await sockets.suspendSocket(socket, untilReadyFor: events)
            } else {
                try await suspendWithTimeout(socket, untilReadyFor: events)
            }
        } catch {
            await sockets.settle()
            throw error
        }
        await sockets.settle()
    }

    private func suspendWithTimeout(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sockets.suspendSocket(socket, untilReadyFor: events) }
            group.addTask {
                try await Task.sleep(for: idleTimeout)
                throw SocketError.disconnected
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension SocketPool {
    /// The pool resumes who waits for a socket before it removes the socket from its epoll set. Whoever is resumed may
    /// close the socket first; the pool then keeps a stale entry for that descriptor's number, and the next socket of
    /// the same number waits for ever. A turn on the pool's actor is a turn after the removal.
    fileprivate func settle() {}
}

/// Whether the socket was marked to accept connections (socket(7)). Not by FlyingFox's `getValue`, which leaks the memory
/// for the answer.
private func isListening(_ socket: Socket) -> Bool {
    var answer: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let status = getsockopt(socket.file.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &answer, &length)
    return status == 0 && answer != 0
}
