import Glibc
import Logging
import SluiceControl

/// One event loop and everything that lives on it: listeners, connections, their memory, their counters.
///
/// Made on its own thread, and touched from no other: others ask through the loop's mailbox.
final class Worker {
    /// What a worker is told at its start.
    struct Setup: Sendable {
        let index: Int
        let configuration: Configuration
        let routes: [Route]
        let budget: MemoryBudget
        let limits: ConnectionLimits
        let abilities: KernelAbilities
        let paths: PeerPaths
        /// Each with the index of its route. The worker takes them over.
        let listeners: [(route: Int, socket: ListenSocket)]
        let log: ConnectionLog
    }

    private static let trimMilliseconds: UInt64 = 1000
    private static let shortageWarningMilliseconds: UInt64 = 10_000

    private let setup: Setup
    let loop: EventLoop
    private(set) var context: RelayContext!
    private var listeners: [Listener] = []
    /// Invariant: `connections[i].tableIndex == i`.
    private(set) var connections: [Connection] = []
    private var nextConnection: UInt64 = 0
    private var tick: RepeatingTimer!
    private var turn: TurnHook!
    private var lastTick: UInt64
    private var lastSampling: UInt64
    private var lastTrim: UInt64
    private var nextShortageWarning: UInt64 = 0
    /// Loop time at which a drain ends; `nil` while the worker serves.
    private var drainDeadline: UInt64?
    private var hasStopped = false

    init(_ setup: Setup) throws(SystemError) {
        self.setup = setup
        loop = EventLoop()
        lastTick = loop.now
        lastSampling = loop.now
        lastTrim = loop.now
        context = RelayContext(
            loop: loop,
            budget: setup.budget,
            configuration: setup.configuration,
            abilities: setup.abilities,
            paths: setup.paths,
            owner: self
        )
        // An interval shorter than the wheel's tick: no deadline is late by more than one.
        tick = RepeatingTimer(loop: loop, everyMilliseconds: DeadlineWheel.tickMilliseconds) {
            [unowned self] in
            onTick()
        }
        turn = TurnHook(loop: loop) { [unowned self] in
            context.turns.nextIteration()
        }
        // Asked now, so that no worker begins without an answer on the day that the name server is down.
        for case .name(let host, let port) in setup.routes.map(\.origin) {
            _ = context.resolver.addresses(of: host, port: port) { _ in }
        }
        for (route, socket) in setup.listeners {
            let listener = try Listener(loop: loop, takingOver: socket, route: route, delegate: self)
            listeners.append(listener)
            listener.resume()
        }
    }

    /// Runs the loop until the worker has drained.
    func run() { loop.run() }

    // MARK: The clock

    private func onTick() {
        let now = loop.now
        // How late this tick is: what any event on this loop may have waited.
        let lag = now &- lastTick &- DeadlineWheel.tickMilliseconds
        context.metrics.loopLagSeconds.record(Double(Int64(bitPattern: lag) < 0 ? 0 : lag) / 1000)
        lastTick = now
        context.deadlines.advance(to: now)
        if now - lastSampling >= Sampler.tickMilliseconds {
            lastSampling = now
            context.sampler.tick(now: now)
        }
        if now - lastTrim >= Self.trimMilliseconds {
            lastTrim = now
            context.pool.trim()
        }
        resumeListeners()
        if let drainDeadline, now >= drainDeadline { endAll(.drainDeadline) }
    }

    // MARK: Draining

    /// Accepts no more, and stops when the last connection has ended or the deadline has come.
    func drain(for deadline: Duration) {
        guard drainDeadline == nil else { return }
        for listener in listeners { listener.drainAndClose() }
        listeners.removeAll()
        // Not before: a connection that fails at once must not stop the loop while other listeners still accept.
        drainDeadline = loop.now + deadline.milliseconds
        stopIfDrained()
    }

    private func endAll(_ reason: CloseReason) {
        for connection in connections { connection.end(reason) }
    }

    private func stopIfDrained() {
        guard drainDeadline != nil, connections.isEmpty, !hasStopped else { return }
        hasStopped = true
        tick.close()
        turn.close()
        context.resolver.close()
        loop.stop()
    }

    // MARK: Looking

    /// A consistent copy of the counters, gauges included.
    func copyMetrics() -> WorkerMetrics {
        for index in context.metrics.routes.indices {
            context.metrics.routes[index].live = 0
            for direction in Direction.allCases {
                context.metrics.routes[index].heldBytes[direction.index] = 0
            }
            for leg in Leg.allCases { context.metrics.routes[index].unsentBytes[leg.index] = 0 }
        }
        for connection in connections {
            connection.addGauges(to: &context.metrics.routes[connection.route.index])
        }
        context.metrics.poolBytes = context.pool.mappedBytes
        return context.metrics
    }

    func copyConnections() -> [ConnectionSnapshot] {
        connections.map { $0.snapshot(worker: setup.index) }
    }
}

extension Worker: ListenerDelegate {
    func mayAccept(by listener: Listener) -> Bool {
        guard setup.limits.take(route: listener.route) else {
            context.metrics.acceptPausedAtLimit += 1
            return false
        }
        return true
    }

    func acceptedNone(by listener: Listener) {
        setup.limits.release(route: listener.route)
    }

    func accepted(_ descriptor: Int32, from client: SocketAddress, by listener: Listener) {
        let route = setup.routes[listener.route]
        context.metrics.routes[route.index].opened += 1
        nextConnection += 1
        // Unique in the process: the worker in the upper bits.
        let id = UInt64(setup.index) << 48 | nextConnection
        let connection = Connection(id: id, route: route, client: client, context: context)
        guard setup.limits.takeClient(client, route: route.index) else {
            SocketOptions.lingerZero(descriptor)
            close(descriptor)
            setup.limits.release(route: route.index)
            return finish(connection, .clientLimit)
        }
        connection.tableIndex = Int32(connections.count)
        connections.append(connection)
        connection.start(takingOver: descriptor)
    }

    func acceptFailed(_ error: SystemError, by listener: Listener) {
        context.metrics.acceptPausedForDescriptors += 1
        // It tries again every tick, and the metric counts each time; the log needs to hear of it now and then.
        guard loop.now >= nextShortageWarning else { return }
        nextShortageWarning = loop.now + Self.shortageWarningMilliseconds
        setup.log.acceptPaused(listener, error)
    }

    /// Lets paused listeners accept again where there is room. Every tick: so a listener that has met a limit, or has found
    /// no descriptor, asks twenty times a second at most.
    private func resumeListeners() {
        for listener in listeners where listener.isPaused && setup.limits.hasRoom(route: listener.route) {
            listener.resume()
        }
    }
}

extension Worker: ConnectionOwner {
    func connectAttemptFailed(_ connection: Connection, _ error: SystemError) {
        setup.log.connectFailed(connection, error)
    }

    func connectionEnded(_ connection: Connection, _ reason: CloseReason) {
        let index = Int(connection.tableIndex)
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.tableIndex = connection.tableIndex
        }
        connection.tableIndex = -1
        setup.limits.releaseClient(connection.clientAddress, route: connection.route.index)
        setup.limits.release(route: connection.route.index)
        finish(connection, reason)
        stopIfDrained()
    }

    private func finish(_ connection: Connection, _ reason: CloseReason) {
        context.metrics.routes[connection.route.index].closed[reason.index] += 1
        setup.log.closed(connection, reason)
    }
}
