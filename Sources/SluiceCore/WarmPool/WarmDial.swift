/// One connect of a warm pool under way. Owned by its loop's `WarmPools`. Thread: its loop's.
final class WarmDial {
    private let origin: Origin
    private let pool: WarmPool
    private let route: Route
    private let context: RelayContext
    private unowned let owner: WarmPools
    private var dialer: Dialer?
    /// Microseconds.
    private let startedAt = MonotonicClock.microseconds
    /// Whether it failed for a reason that is the origin's.
    private var blamesOrigin = false

    init(to origin: Origin, for pool: WarmPool, of route: Route, context: RelayContext, owner: WarmPools) {
        self.origin = origin
        self.pool = pool
        self.route = route
        self.context = context
        self.owner = owner
    }

    /// Called once. It may be over within the call.
    func start() {
        let dialer = Dialer(
            target: origin.target,
            deadline: context.loop.now + route.timeouts(for: route.initialClass).connect,
            context: context,
            delegate: self
        )
        self.dialer = dialer
        dialer.start()
    }

    func cancel() {
        dialer?.cancel()
        dialer = nil
    }
}

extension WarmDial: DialerDelegate {
    /// What depends on the connection that will use it is set when it does: see `Connection.willUse`.
    func willConnect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        try context.prepare(descriptor, to: address, of: route)
    }

    func attemptFailed(to address: SocketAddress, _ error: SystemError) {
        origin.record.countConnectFailure()
        context.metrics.routes[route.index].connectFailures += 1
        if !error.isOurs { blamesOrigin = true }
    }

    func dialed(_ descriptor: Int32, to address: SocketAddress) {
        let elapsed = MonotonicClock.microseconds &- startedAt
        origin.record.countConnect()
        origin.record.observeRoundTrip(UInt32(clamping: elapsed))
        context.metrics.routes[route.index].connectSeconds.record(Double(elapsed) / 1e6)
        let connection = WarmConnection(
            descriptor: descriptor,
            address: address,
            openedAt: context.loop.now
        )
        pool.add(connection, below: origin.ceiling)
        owner.ended(self)
    }

    func dialFailed(_ reason: CloseReason) {
        pool.connectFailed(at: context.loop.now)
        if blamesOrigin || reason == .resolveFailed { context.note(failureOf: origin, route: route) }
        owner.ended(self)
    }
}
