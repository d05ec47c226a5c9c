/// What became of the PROXY headers that were awaited: the `result` label of `sluice_proxy_headers_total`.
public enum ProxyHeaderResult: String, Sendable, Hashable, CaseIterable {
    /// A header came, and the connection went on with what it says.
    case accepted
    /// What came is no header, or the peer ended its stream within one.
    case malformed
    /// It was not whole in time.
    case timeout
    /// The connection came from an address that is not among those that may send one.
    case untrusted

    /// Position in `allCases`.
    var index: Int {
        switch self {
        case .accepted: 0
        case .malformed: 1
        case .timeout: 2
        case .untrusted: 3
        }
    }
}

/// Whom an intake tells what came. Exactly one of these is called, once, unless the intake was cancelled.
protocol ProxyHeaderIntakeDelegate: AnyObject {
    func headerRead(_ header: ProxyHeader)
    func headerRefused(_ result: ProxyHeaderResult, _ why: String)
    /// The peer went before it had sent a byte, as a health check does (`.completed`), or it sent a reset.
    func leftWithoutHeader(_ reason: CloseReason)
}

/// Waits for the PROXY header at the beginning of a connection, reads it, and leaves what follows it in the socket.
///
/// Owned by its delegate, which cancels it before letting go, and which owns the socket. Thread: its loop's.
final class ProxyHeaderIntake: DeadlineEntry {
    private unowned let socket: StreamSocket
    private let context: RelayContext
    /// Loop time at which the header has to be whole.
    private let deadline: UInt64
    private unowned let delegate: any ProxyHeaderIntakeDelegate
    private var reader = ProxyHeaderReader()
    private var isDone = false

    init(
        socket: StreamSocket,
        timeout: Duration,
        context: RelayContext,
        delegate: any ProxyHeaderIntakeDelegate
    ) {
        self.socket = socket
        self.context = context
        self.delegate = delegate
        deadline = context.loop.now + timeout.milliseconds
    }

    /// Called once. The delegate may hear of the outcome within the call.
    func start() {
        context.deadlines.schedule(self, at: deadline)
        read()
        if !isDone { socket.setInterest(.readable) }
    }

    /// Gives up without a word. Does nothing when it is done already.
    func cancel() {
        isDone = true
        context.deadlines.cancel(self)
    }

    /// An event on the socket.
    func read() {
        while !isDone {
            let scratch = context.scratch
            switch socket.peek(into: scratch.baseAddress!, atMost: scratch.count) {
            case .bytes(let count): look(at: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            case .wouldBlock:
                // A failed socket is not polled any more, so nobody would come back.
                if socket.hasFailed { finish { $0.leftWithoutHeader(.clientReset) } }
                return
            case .failed: finish { $0.leftWithoutHeader(.clientReset) }
            case .endOfFile: finishTruncated()
            }
        }
    }

    override func deadlineReached(now: UInt64) {
        finish { $0.headerRefused(.timeout, "the header was not whole in time") }
    }

    private func look(at bytes: UnsafeRawBufferPointer) {
        do {
            let (consumed, header) = try reader.take(bytes)
            discard(consumed)
            if let header { finish { $0.headerRead(header) } }
        } catch {
            finish { $0.headerRefused(.malformed, error.description) }
        }
    }

    /// Takes bytes that were looked at out of the socket: they are in its queue, whatever happens to it.
    private func discard(_ count: Int) {
        var left = count
        while left > 0, case .bytes(let taken) = socket.read(into: context.scratch.baseAddress!, atMost: left)
        {
            left -= taken
        }
    }

    private func finishTruncated() {
        guard reader.hasBegun else { return finish { $0.leftWithoutHeader(.completed) } }
        let why = reader.truncation.description
        finish { $0.headerRefused(.malformed, why) }
    }

    private func finish(_ tell: (any ProxyHeaderIntakeDelegate) -> Void) {
        cancel()
        tell(delegate)
    }
}
