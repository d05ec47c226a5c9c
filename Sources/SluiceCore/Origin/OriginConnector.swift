import Glibc

/// What a connector tells whoever wants an origin: all that a dialler tells, of one origin after another, and what follows.
protocol OriginConnectorDelegate: DialerDelegate {
    /// Every origin is full: it waits until one has a place.
    func willWait()
    /// A connection that was made ahead of demand is about to be used: the place for the options that depend on who uses it.
    func willUse(_ descriptor: Int32, to address: SocketAddress)
    /// `origin` has answered: the place on it is the delegate's from here on. `dialed` is next.
    /// - Parameter wasReady: It had answered before anybody asked.
    func connected(to origin: Origin, wasReady: Bool)
}

/// Gets one connection to one of a route's origins: chooses, waits where all are full, dials, and chooses another when that
/// fails. The route's origins are those that are configured at that moment: who waits through a reload finds the new ones.
///
/// Owns the dialler and the place on the origin until `connected`. Owned by its delegate, which cancels it before letting
/// go. Thread: its loop's.
final class OriginConnector: DeadlineEntry {
    private let route: Route
    /// Loop time at which the whole attempt is over. The wait in the queue is not part of it.
    private var deadline: UInt64
    private let context: RelayContext
    private unowned let delegate: any OriginConnectorDelegate
    private var origin: Origin?
    private var dialer: Dialer?
    /// When the first attempt began, had there been no wait in the queue, and when the one under way did: microseconds.
    private(set) var startedAt: UInt64 = 0
    private var dialedAt: UInt64 = 0
    private var tried = TriedOrigins()
    /// Its place in the queue, while it waits, and since when.
    private var ticket: QueueTicket?
    private var waitsSince: UInt64 = 0
    /// Whether the attempt under way failed for a reason that is the origin's.
    private var blamesOrigin = false
    private var reason: CloseReason?

    /// `timeout`: milliseconds that connecting may take.
    init(
        route: Route,
        timeout: UInt64,
        context: RelayContext,
        delegate: any OriginConnectorDelegate
    ) {
        self.route = route
        deadline = context.loop.now + timeout
        self.context = context
        self.delegate = delegate
    }

    private var group: OriginGroup { context.origins(of: route) }
    private var queue: OriginQueue { route.usage.queue }

    /// Called once. The delegate may hear of the outcome within the call.
    func start() {
        // Those who wait already come first.
        if queue.isEmpty || queueLength == 0 { tryNext() } else { wait() }
    }

    /// Gives up without a word. Does nothing when it is done already.
    func cancel() {
        if isQueued { leaveQueue() }
        dialer?.cancel()
        dialer = nil
        if let origin { context.release(origin, of: route) }
        origin = nil
    }

    private func tryNext() {
        let now = context.loop.now
        switch group.choose(at: now, except: tried) {
        case .origin(let origin): dial(origin, now: now)
        case .ready(let origin, let connection): use(connection, to: origin)
        case .full: wait()
        case .none: fail(.noOrigin)
        }
    }

    // MARK: Waiting for a place

    var isQueued: Bool { ticket != nil }

    private func wait() {
        let ticket = QueueTicket(self, mailbox: context.loop.mailbox)
        guard queue.enter(ticket, length: queueLength) else { return fail(.originLimit) }
        self.ticket = ticket
        waitsSince = context.loop.now
        context.deadlines.schedule(self, at: waitsSince + queueTimeout)
        delegate.willWait()
    }

    /// 0: nobody may wait.
    private var queueLength: Int { route.configuration.queue?.length ?? 0 }

    /// Milliseconds.
    private var queueTimeout: UInt64 { route.configuration.queue?.timeout.milliseconds ?? 0 }

    /// It is the first in the queue, and an origin may have a place.
    func placeMayBeFree() {
        guard isQueued else { return }
        switch group.choose(at: context.loop.now, except: tried) {
        case .origin(let origin):
            leaveQueueForPlace()
            dial(origin, now: context.loop.now)
        case .ready(let origin, let connection):
            leaveQueueForPlace()
            use(connection, to: origin)
        case .full: break
        case .none:
            leaveQueue()
            fail(.noOrigin)
        }
    }

    private func leaveQueueForPlace() {
        let waited = Double(context.loop.now - waitsSince) / 1000
        context.metrics.routes[route.index].queueSeconds.record(waited)
        leaveQueue()
    }

    private func leaveQueue() {
        guard let ticket else { return }
        ticket.connector = nil
        self.ticket = nil
        context.deadlines.cancel(self)
        let waited = context.loop.now - waitsSince
        deadline += waited
        startedAt += waited * 1000
        queue.leave(ticket)
        queue.wakeFirst()
    }

    override func deadlineReached(now: UInt64) {
        leaveQueue()
        fail(.queueTimeout)
    }

    // MARK: Connecting

    private func use(_ connection: WarmConnection, to origin: Origin) {
        if tried.isEmpty { startedAt = MonotonicClock.microseconds }
        // The delegate lets go of this connector, and what it relays comes before what the next one may need.
        let (context, route) = (context, route)
        delegate.willUse(connection.descriptor, to: connection.address)
        delegate.connected(to: origin, wasReady: true)
        delegate.dialed(connection.descriptor, to: connection.address)
        context.warmPools.refill(origin, of: route)
    }

    private func dial(_ origin: Origin, now: UInt64) {
        self.origin = origin
        blamesOrigin = false
        dialedAt = MonotonicClock.microseconds
        if tried.isEmpty { startedAt = dialedAt }
        // One that does not answer leaves some of the time for the others.
        let left = deadline > now ? deadline - now : 0
        let share = left / UInt64(group.attemptsLeft(after: tried.count))
        let dialer = Dialer(target: origin.target, deadline: now + share, context: context, delegate: self)
        self.dialer = dialer
        let (context, route) = (context, route)
        dialer.start()
        context.warmPools.refill(origin, of: route)
    }

    private func fail(_ last: CloseReason) { delegate.dialFailed(reason ?? last) }
}

extension OriginConnector: DialerDelegate {
    func willConnect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        try delegate.willConnect(descriptor, to: address)
    }

    func attemptFailed(to address: SocketAddress, _ error: SystemError) {
        origin!.record.countConnectFailure()
        if !error.isOurs { blamesOrigin = true }
        delegate.attemptFailed(to: address, error)
    }

    func dialed(_ descriptor: Int32, to address: SocketAddress) {
        guard let origin else { preconditionFailure("a dialler has an origin to dial") }
        origin.record.countConnect()
        origin.record.observeRoundTrip(UInt32(clamping: MonotonicClock.microseconds &- dialedAt))
        guard group.mayUse(origin, at: context.loop.now) else {
            close(descriptor)
            return dialFailed(.originUnhealthy)
        }
        dialer = nil
        self.origin = nil
        delegate.connected(to: origin, wasReady: false)
        delegate.dialed(descriptor, to: address)
    }

    func dialFailed(_ reason: CloseReason) {
        guard let origin else { preconditionFailure("a dialler has an origin to dial") }
        dialer = nil
        self.origin = nil
        context.release(origin, of: route)
        tried.insert(origin)
        self.reason = self.reason.map { $0.tellsMore(than: reason) ? $0 : reason } ?? reason
        if blamesOrigin || reason == .resolveFailed { context.note(failureOf: origin, route: route) }
        guard tried.count < OriginGroup.mostAttempts, context.loop.now < deadline else { return fail(reason) }
        tryNext()
    }
}

extension SystemError {
    /// It says nothing about the far side: this host is short of something, or a socket could not be made or set up.
    var isOurs: Bool { isResourceShortage || code == EADDRNOTAVAIL || call != "connect" }
}

extension CloseReason {
    /// Which of two failed connects an operator would rather hear of.
    fileprivate func tellsMore(than other: CloseReason) -> Bool {
        let order: [CloseReason] = [
            .resolveFailed, .connectRefused, .originReset, .connectFailed, .connectTimeout,
        ]
        return (order.firstIndex(of: self) ?? -1) > (order.firstIndex(of: other) ?? -1)
    }
}
