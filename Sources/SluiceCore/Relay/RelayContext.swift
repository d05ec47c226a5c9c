import SluiceControl

/// Who takes note of a connection's end.
protocol ConnectionOwner: AnyObject {
    /// One address of the origin did not answer; another may be tried.
    func connectAttemptFailed(_ connection: Connection, _ error: SystemError)
    /// An origin has failed too often, and is left out for a while.
    func originEjected(_ origin: Origin, route: Route)
    /// The verdict of an origin's health checks has changed; `reason` is why it fails them.
    func originChecked(_ origin: Origin, route: Route, passes: Bool, _ reason: String)
    /// Nothing is connected ahead of demand for a while: too much of it came to nothing.
    func warmPoolRests(_ origin: Origin, route: Route, for milliseconds: UInt64)
    /// A PROXY header has said who the client is. Returns what the route has against it; `nil`: nothing.
    func clientAnnounced(_ connection: Connection) -> CloseReason?
    /// No acceptable PROXY header came; the connection is about to end.
    func proxyHeaderRefused(_ connection: Connection, _ why: String)
    /// This connection's score has changed what its route's connections may use.
    func actuatorChanged(_ connection: Connection, _ change: ActuatorTrial.Change)
    /// Called exactly once a connection, with its sockets already closed. The owner lets go of it.
    func connectionEnded(_ connection: Connection, _ reason: CloseReason)
}

/// What the connections of one loop share. Made by their worker; thread: its loop's.
final class RelayContext {
    let loop: EventLoop
    let pool: BufferPool
    let deadlines: DeadlineWheel
    let resolver: Resolver
    /// By the route's slot. What a route that is gone had stays until its slot is another's: its last connections may wait.
    private(set) var origins: [OriginGroup?] = []
    /// Connections that are made ahead of demand.
    private(set) var warmPools: WarmPools!
    /// What may be set on sockets.
    let abilities: KernelAbilities
    /// The bottlenecks that all workers' connections share.
    let paths: PeerPaths
    var turns = TurnShare()
    /// Connections that moved bytes and are to be sampled.
    let sampler = Sampler()
    /// Connections that a send buffer holds back.
    let refill: SendBufferRefill
    var metrics: WorkerMetrics
    unowned let owner: any ConnectionOwner
    /// What a read without a lease goes through, for the length of one call. Not counted against the budget.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    init(
        loop: EventLoop,
        budget: MemoryBudget,
        limits: ConnectionLimits,
        configuration: Configuration,
        abilities: KernelAbilities,
        paths: PeerPaths,
        owner: any ConnectionOwner
    ) {
        self.loop = loop
        self.owner = owner
        self.abilities = abilities
        self.paths = paths
        pool = BufferPool(budget: budget)
        deadlines = DeadlineWheel(now: loop.now)
        resolver = Resolver(loop: loop, refresh: configuration.dnsRefresh)
        refill = SendBufferRefill(loop: loop)
        metrics = WorkerMetrics()
        warmPools = WarmPools(context: self, limits: limits, budget: budget)
    }

    /// From now on these are the origins to choose from.
    func useOrigins(of routes: [Route]) {
        for route in routes where !route.origins.isEmpty {
            while origins.count <= route.index { origins.append(nil) }
            origins[route.index] = OriginGroup(route)
        }
        warmPools.use(routes)
    }

    /// The configured ones, which may be others than those that `route` had when it was made. It has or had some.
    func origins(of route: Route) -> OriginGroup { origins[route.index]! }

    /// What every connection to an origin of `route` is given before its handshake, whoever will use it.
    func prepare(_ descriptor: Int32, to address: SocketAddress, of route: Route) throws(SystemError) {
        if address.isTCP {
            let refused = SocketOptions.setRelayOptionsOrWarn(descriptor)
            metrics.routes[route.index].socketOptionFailures += UInt64(refused)
        }
        if let mark = route.configuration.mark { try TransparentSocket.mark(descriptor, as: mark) }
    }

    /// A connection of `route` could not be made to `origin`, or was reset by it before a byte went either way.
    func note(failureOf origin: Origin, route: Route) {
        if origin.noteFailure(at: loop.now) { owner.originEjected(origin, route: route) }
    }

    /// Gives a place on an origin back, to the first that waits for one.
    func release(_ origin: Origin, of route: Route) {
        origin.record.places.giveBack()
        route.usage.queue.wakeFirst()
    }

    deinit { scratch.deallocate() }
}
