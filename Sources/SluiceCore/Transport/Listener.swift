import CSluiceLinux
import Glibc

/// What a listener tells its owner.
protocol ListenerDelegate: AnyObject {
    /// Before each accept(): whether there is room for one more. After a false the listener pauses until `resume`.
    /// After a true comes exactly one of `accepted` and `acceptedNone`.
    func mayAccept(by listener: Listener) -> Bool
    /// Nobody was waiting, or accept() failed: the room is free again.
    func acceptedNone(by listener: Listener)
    /// A new connection, non-blocking; the delegate owns the descriptor from here on.
    func accepted(_ descriptor: Int32, from client: SocketAddress, by listener: Listener)
    /// accept() failed for want of descriptors or memory. The listener has paused itself; the delegate resumes it later.
    func acceptFailed(_ error: SystemError, by listener: Listener)
}

/// A listening socket on a loop.
///
/// Owns its descriptor. It accepts a bounded batch an event, so that a flood of connections leaves the loop time for those
/// that are open.
final class Listener: PollHandle {
    private static let batch = 16

    let address: SocketAddress
    private let descriptor: Int32
    private unowned let delegate: any ListenerDelegate

    init(
        loop: EventLoop,
        takingOver socket: ListenSocket,
        delegate: any ListenerDelegate
    ) throws(SystemError) {
        self.address = socket.address
        self.descriptor = socket.descriptor
        self.delegate = delegate
        try super.init(loop: loop, descriptor: socket.descriptor)
    }

    var isPaused: Bool { !isClosed && interest.isEmpty }

    /// Whether the kernel has a connection for the next accept(). A system call.
    var hasWaitingClient: Bool { !PendingEvents(of: descriptor, asking: .readable).isEmpty }

    func resume() { setInterest(.readable) }

    private func pause() { setInterest([]) }

    override func ready(_ events: PollEvents) {
        for _ in 0..<Self.batch where !isClosed {
            guard acceptOne() else { return }
        }
    }

    /// Accepts what is pending one last time, then closes: a connection in the queue of a closed listener is reset.
    func drainAndClose() {
        while !isClosed, acceptOne() {}
        close()
    }

    /// Another descriptor of the same socket, which is the caller's, or -1.
    func duplicate() -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

    func close() {
        guard !isClosed else { return }
        stopWatching()
        Glibc.close(descriptor)
    }

    /// Returns whether to go on.
    private func acceptOne() -> Bool {
        guard delegate.mayAccept(by: self) else {
            pause()
            return false
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let (accepted, client) = withUnsafeMutablePointer(to: &storage) { pointer in
            let accepted = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                csluice_accept(descriptor, $0, &length)
            }
            return (accepted, SocketAddress(UnsafeRawPointer(pointer), length: length))
        }
        guard accepted >= 0 else {
            let code = errno
            delegate.acceptedNone(by: self)
            return recover(from: code)
        }
        delegate.accepted(accepted, from: client ?? .unix(""), by: self)
        return true
    }

    private func recover(from code: Int32) -> Bool {
        switch code {
        case EAGAIN: return false
        // The client gave up before it was accepted, or the network failed it (accept(2)): its own loss.
        case ECONNABORTED, EINTR, EPROTO, ENETDOWN, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH: return true
        default:
            pause()
            delegate.acceptFailed(
                SystemError(code: code, call: "accept", subject: address.description),
                by: self
            )
            return false
        }
    }
}
