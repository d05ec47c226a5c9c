import SluiceControl

/// Who takes note of a connection's end.
protocol ConnectionOwner: AnyObject {
    /// One address of the origin did not answer; another may be tried.
    func connectAttemptFailed(_ connection: Connection, _ error: SystemError)
    /// Called exactly once a connection, with its sockets already closed. The owner lets go of it.
    func connectionEnded(_ connection: Connection, _ reason: CloseReason)
}

/// What the connections of one loop share. Made by their worker; thread: its loop's.
final class RelayContext {
    let loop: EventLoop
    let pool: BufferPool
    let deadlines: DeadlineWheel
    let resolver: Resolver
    var turns = TurnShare()
    /// Connections that moved bytes and are to be sampled.
    let sampler = Sampler()
    var metrics: WorkerMetrics
    unowned let owner: any ConnectionOwner
    private var waitingForBuffer: [Connection] = []

    init(
        loop: EventLoop,
        budget: MemoryBudget,
        configuration: Configuration,
        owner: any ConnectionOwner
    ) {
        self.loop = loop
        self.owner = owner
        pool = BufferPool(budget: budget)
        deadlines = DeadlineWheel(now: loop.now)
        resolver = Resolver(loop: loop, refresh: configuration.dnsRefresh)
        metrics = WorkerMetrics(routeCount: configuration.routes.count)
    }

    /// `connection` has a direction that could not lease a buffer. It is called back when memory may be there.
    func waitForBuffer(_ connection: Connection) {
        metrics.bufferWaits += 1
        waitingForBuffer.append(connection)
    }

    /// Lets connections that wait for memory try again, first come, first served, while there is some.
    func serveBufferWaits() {
        guard !waitingForBuffer.isEmpty, pool.mayLease else { return }
        let waiting = waitingForBuffer
        waitingForBuffer.removeAll(keepingCapacity: true)
        for (index, connection) in waiting.enumerated() {
            guard pool.mayLease else {
                waitingForBuffer.insert(contentsOf: waiting[index...], at: 0)
                return
            }
            connection.retryAfterBufferWait()
        }
    }
}
