import Glibc

/// What became of a connect() that was begun.
enum ConnectResult {
    /// Connected already, as on loopback. The descriptor is the caller's.
    case established(Int32)
    /// The descriptor, which is the caller's, is writable once the outcome is known.
    case underWay(Int32)
    /// A Unix listener's queue is full: it passes when the listener accepts. Nothing is open.
    case busy
    /// Nothing is open.
    case failed(SystemError)

    /// Makes a socket, has it prepared, and begins to connect it. Does not block.
    ///
    /// `prepare` runs on the socket before connect(): the place for options that the handshake carries, and for a bind. Its
    /// error is the attempt's.
    static func begin(
        to address: SocketAddress,
        prepare: (Int32) throws(SystemError) -> Void
    ) -> ConnectResult {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return .failed(.last("socket")) }
        do {
            try prepare(descriptor)
        } catch {
            close(descriptor)
            return .failed(error)
        }
        let result = connect(descriptor, to: address)
        switch result {
        case .busy, .failed: close(descriptor)
        case .established, .underWay: break
        }
        return result
    }

    private static func connect(_ descriptor: Int32, to address: SocketAddress) -> ConnectResult {
        let connect = { address.withSockaddr { Glibc.connect(descriptor, $0, $1) } }
        guard connect() != 0 else { return .established(descriptor) }
        if errno == EAGAIN, !address.isTCP { return .busy }
        guard errno == EINPROGRESS else { return .failed(.last("connect")) }
        guard address.isLoopback else { return .underWay(descriptor) }
        // On loopback the handshake is over when connect() returns; asked again, it says so, and saves an event. A refusal
        // is told here, or never: this call takes the socket's error.
        if connect() == 0 { return .established(descriptor) }
        return errno == EALREADY || errno == EINPROGRESS ? .underWay(descriptor) : .failed(.last("connect"))
    }
}

/// A socket whose connect is under way.
///
/// Owns the descriptor until `take` or `abandon`, one of which ends it. Thread: its loop's.
final class PendingConnect: PollHandle {
    private let descriptor: Int32
    private unowned let dialer: Dialer

    /// Takes `descriptor` over, and closes it when it throws.
    init(loop: EventLoop, takingOver descriptor: Int32, dialer: Dialer) throws(SystemError) {
        self.descriptor = descriptor
        self.dialer = dialer
        do {
            try super.init(loop: loop, descriptor: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        setInterest(.writable)
    }

    override func ready(_ events: PollEvents) { dialer.attemptAnswered() }

    /// Why the connect failed; `nil` when it did not. Told once.
    ///
    /// A peek tells, and not SO_ERROR: an origin that has spoken was connected, also when a reset came next, and that error is to stay
    /// behind what was said, for whoever reads.
    func takeError() -> SystemError? {
        var byte: UInt8 = 0
        guard recv(descriptor, &byte, 1, Int32(MSG_PEEK)) < 0, errno != EAGAIN else { return nil }
        return SystemError(code: errno, call: "connect")
    }

    /// The connected socket, which is the caller's from here on.
    func take() -> Int32 {
        stopWatching()
        return descriptor
    }

    func abandon() {
        guard !isClosed else { return }
        stopWatching()
        close(descriptor)
    }
}
