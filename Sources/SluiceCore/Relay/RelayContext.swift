import SluiceControl

/// Who takes note of a connection's end.
protocol ConnectionOwner: AnyObject {
    /// One address of the origin did not answer; another may be tried.
    func connectAttemptFailed(_ connection: Connection, _ error: SystemError)
    /// A PROXY header has said who the client is. Returns what the route has against it; `nil`: nothing.
    func clientAnnounced(_ connection: Connection) -> CloseReason?
    /// No acceptable PROXY header came; the connection is about to end.
    func proxyHeaderRefused(_ connection: Connection, _ why: String)
    /// Called exactly once a connection, with its sockets already closed. The owner lets go of it.
    func connectionEnded(_ connection: Connection, _ reason: CloseReason)
}

/// What the connections of one loop share. Made by their worker; thread: its loop's.
final class RelayContext {
    let loop: EventLoop
    let pool: BufferPool
    let deadlines: DeadlineWheel
    let resolver: Resolver
    /// What may be set on sockets.
    let abilities: KernelAbilities
    /// The bottlenecks that all workers' connections share.
    let paths: PeerPaths
    var turns = TurnShare()
    /// Connections that moved bytes and are to be sampled.
    let sampler = Sampler()
    var metrics: WorkerMetrics
    unowned let owner: any ConnectionOwner
    /// What a read without a lease goes through, for the length of one call. Not counted against the budget.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    init(
        loop: EventLoop,
        budget: MemoryBudget,
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
        metrics = WorkerMetrics()
    }

    deinit { scratch.deallocate() }
}
