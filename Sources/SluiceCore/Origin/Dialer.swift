import Glibc

/// What a dialler tells whoever dials. After `dialed` or `dialFailed`, exactly one of which comes unless the dialler was
/// cancelled, it is done.
protocol DialerDelegate: AnyObject {
    /// A socket to `address` is made and not connected yet: the place for its options, and for a bind. What it throws is the
    /// attempt's failure.
    func willConnect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError)
    /// One address did not answer; another may be tried.
    func attemptFailed(to address: SocketAddress, _ error: SystemError)
    /// The descriptor, connected and non-blocking, is the delegate's from here on.
    func dialed(_ descriptor: Int32, to address: SocketAddress)
    /// No address is left, or no time.
    func dialFailed(_ reason: CloseReason)
}

/// Makes one connection: resolves the target, tries its addresses in turn, and keeps to a deadline.
///
/// Owns the socket until it is connected. Owned by its delegate, which cancels it before letting go. Thread: its loop's.
final class Dialer: DeadlineEntry {
    private let target: DialTarget
    /// Loop time at which the whole attempt is over.
    private let deadline: UInt64
    private let context: RelayContext
    private unowned let delegate: any DialerDelegate
    /// `nil` until the target's addresses are known.
    private var plan: DialPlan?
    private var address: SocketAddress?
    private var pending: PendingConnect?
    /// Whether a Unix origin's queue was full when it was last asked.
    private var isBusy = false
    private var isDone = false

    init(target: DialTarget, deadline: UInt64, context: RelayContext, delegate: any DialerDelegate) {
        self.target = target
        self.deadline = deadline
        self.context = context
        self.delegate = delegate
    }

    /// Called once. The delegate may hear of the outcome within the call.
    func start() {
        switch target {
        case .addresses(let addresses): dial(addresses)
        case .name(let name):
            let known = context.resolver.addresses(of: name) { [weak self] in self?.dial($0) }
            if let known { return dial(known) }
            // What stands in /etc/hosts, or failed a moment ago, is answered within the call: this may be over by now.
            if !isDone, plan == nil { context.deadlines.schedule(self, at: deadline) }
        }
    }

    /// Gives up without a word. Does nothing when it is done already.
    func cancel() {
        isDone = true
        context.deadlines.cancel(self)
        pending?.abandon()
        pending = nil
    }

    private func dial(_ addresses: [SocketAddress]) {
        guard !isDone else { return }
        guard !addresses.isEmpty else { return fail(.resolveFailed) }
        plan = DialPlan(addresses: addresses, deadline: deadline)
        dialNext()
    }

    /// Tries address after address until one is under way.
    private func dialNext() {
        while let address = plan!.nextAttempt(now: context.loop.now) {
            self.address = address
            isBusy = false
            switch begin(address) {
            case .established(let descriptor): return succeed(descriptor)
            case .underWay(let descriptor):
                if watch(descriptor) { return }
            case .busy: return waitForUnixOrigin()
            case .failed(let error): attemptFailed(error)
            }
            // The delegate may have had enough.
            if isDone { return }
        }
        if isBusy { attemptFailed(Self.noAnswer) }
        if !isDone { fail(plan!.closeReason) }
    }

    private static let noAnswer = SystemError(code: ETIMEDOUT, call: "connect")

    private func begin(_ address: SocketAddress) -> ConnectResult {
        ConnectResult.begin(to: address) { descriptor throws(SystemError) in
            try delegate.willConnect(descriptor, to: address)
        }
    }

    /// Returns whether the attempt is under way; otherwise it has failed.
    private func watch(_ descriptor: Int32) -> Bool {
        do {
            pending = try PendingConnect(loop: context.loop, takingOver: descriptor, dialer: self)
        } catch {
            attemptFailed(error)
            return false
        }
        context.deadlines.schedule(self, at: plan!.attemptDeadline)
        return true
    }

    /// Unlike TCP, a Unix socket does not queue a connect: the kernel says EAGAIN, and nothing tells when to ask again.
    private func waitForUnixOrigin() {
        isBusy = true
        plan!.repeatAttempt()
        context.deadlines.schedule(self, at: context.loop.now + DeadlineWheel.tickMilliseconds)
    }

    /// The pending connect has come to something.
    func attemptAnswered() {
        guard let pending else { return }
        if let error = pending.takeError() {
            attemptFailed(error)
            if !isDone { dialNext() }
            return
        }
        self.pending = nil
        succeed(pending.take())
    }

    private func attemptFailed(_ error: SystemError) {
        pending?.abandon()
        pending = nil
        plan!.failed(error.code)
        delegate.attemptFailed(to: address!, error)
    }

    override func deadlineReached(now: UInt64) {
        // Still waiting for the name server.
        guard plan != nil else { return fail(.resolveFailed) }
        guard pending != nil else { return dialNext() }
        attemptFailed(Self.noAnswer)
        if !isDone { dialNext() }
    }

    private func succeed(_ descriptor: Int32) {
        isDone = true
        context.deadlines.cancel(self)
        delegate.dialed(descriptor, to: address!)
    }

    private func fail(_ reason: CloseReason) {
        isDone = true
        context.deadlines.cancel(self)
        delegate.dialFailed(reason)
    }
}
