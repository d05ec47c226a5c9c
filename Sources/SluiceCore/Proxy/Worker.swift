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
        /// Of how many.
        let count: Int
        let configuration: Configuration
        let budget: MemoryBudget
        let limits: ConnectionLimits
        let abilities: KernelAbilities
        let paths: PeerPaths
        let log: ConnectionLog
    }

    /// The routes that hold from now on, and the listeners that they have.
    struct Routing: Sendable {
        let routes: [Route]
        /// Whose each slot of the counters is.
        let slotNames: [String]
        /// By `BoundListener.id`. A listener that is not among them ends.
        let listeners: [Int: Route]
        /// How connections to origins end that are configured no more.
        let drain: DrainConfiguration
    }

    private static let housekeepingMilliseconds: UInt64 = 1000
    private static let shortageWarningMilliseconds: UInt64 = 10_000

    private let setup: Setup
    let loop: EventLoop
    private(set) var context: RelayContext!
    /// The configured ones.
    private var routes: [Route] = []
    private var removals: [OriginRemoval] = []
    private var unhealthy = UnhealthyOrigins()
    private var listeners: [RouteListener] = []
    /// Made, and not accepting yet: a reload makes them first, on all workers, and then takes all of them or none.
    private var prepared: [RouteListener] = []
    /// Only on the first worker: what one finds, all know.
    private var checks: HealthChecks?
    /// Invariant: `connections[i].tableIndex == i`.
    private(set) var connections: [Connection] = []
    private var nextConnection: UInt64 = 0
    private var tick: RepeatingTimer!
    private var turn: TurnHook!
    private var lastTick: UInt64
    private var lastSampling: UInt64
    private var lastHousekeeping: UInt64
    private var nextShortageWarning: UInt64 = 0
    /// `nil` while the worker serves.
    private var drain: DrainSchedule?
    private var hasStopped = false

    init(_ setup: Setup) {
        self.setup = setup
        loop = EventLoop()
        lastTick = loop.now
        lastSampling = loop.now
        lastHousekeeping = loop.now
        context = RelayContext(
            loop: loop,
            budget: setup.budget,
            limits: setup.limits,
            configuration: setup.configuration,
            abilities: setup.abilities,
            paths: setup.paths,
            owner: self
        )
        if setup.index == 0 { checks = HealthChecks(context: context) }
        context.resolver.onRemoved = { [unowned self] in lost($1, of: $0) }
        context.resolver.onFailed = { [unowned self] in notResolved($0, $1, kept: $2) }
        // An interval shorter than the wheel's tick: no deadline is late by more than one.
        tick = RepeatingTimer(loop: loop, everyMilliseconds: DeadlineWheel.tickMilliseconds) {
            [unowned self] in
            onTick()
        }
        turn = TurnHook(loop: loop) { [unowned self] in
            context.turns.nextIteration()
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
        if now - lastHousekeeping >= Self.housekeepingMilliseconds {
            lastHousekeeping = now
            context.pool.trim()
            // Otherwise a name is asked for by who dials: where nobody does, its lost addresses would keep their connections.
            if setup.configuration.removedAddresses == .close { askForNames() }
        }
        resumeListeners()
        if setup.index == 0 { context.warmPools.tend() }
        for group in context.origins { group?.route.usage.queue.wakeFirst() }
        endRemoved(now: now)
        endUnhealthy()
        if drain != nil { goOnDraining(now: now) }
    }

    // MARK: Routing

    /// Makes this worker's listeners of `added`. They accept from `commit` on, or are closed by `discard`.
    /// Takes its sockets over, also when it answers with an error.
    func prepare(_ added: [AddedListener]) -> SystemError? {
        var failure: SystemError?
        for listener in added {
            for socket in listener.sockets(ofWorker: setup.index, of: setup.count) {
                do {
                    prepared.append(try RouteListener(listener, worker: self, socket: socket))
                } catch {
                    failure = error
                }
            }
        }
        return failure
    }

    /// Closes what was prepared.
    func discard() {
        for listener in prepared { listener.listener.close() }
        prepared.removeAll()
    }

    /// From now on new connections go by `routing`. Those that there are keep their route. A listener that goes accepts what
    /// is in its queue one last time.
    func commit(_ routing: Routing) {
        // A drain that began meanwhile has closed the listeners for good.
        guard drain == nil else { return discard() }
        context.metrics.setRouteNames(routing.slotNames)
        context.useOrigins(of: routing.routes)
        if let removal = OriginRemoval(from: routes, to: routing.routes, routing.drain, now: loop.now) {
            removals.append(removal)
        }
        routes = routing.routes
        unhealthy.watch(routes)
        askForNames()
        checks?.use(routing.routes)
        let (staying, going) = (listeners + prepared).reduce(into: ([RouteListener](), [RouteListener]())) {
            if routing.listeners[$1.id] == nil { $0.1.append($1) } else { $0.0.append($1) }
        }
        listeners = staying
        prepared.removeAll()
        for listener in going { listener.listener.drainAndClose() }
        for listener in staying { listener.serve(routing.listeners[listener.id]!) }
    }

    /// Asked now, so that no worker begins without an answer on the day that the name server is down.
    private func askForNames() {
        for case .name(let name) in routes.flatMap(\.origins).map(\.target) {
            context.resolver.refresh(name)
        }
    }

    /// The name has lost these addresses.
    private func lost(_ addresses: Set<SocketAddress>, of name: Resolver.Name) {
        context.warmPools.removed(addresses, of: name)
        guard setup.configuration.removedAddresses == .close else { return }
        end(.originRemoved) { connection in
            guard case .name(name)? = connection.chosenOrigin?.target else { return false }
            return connection.originAddress.map(addresses.contains) ?? false
        }
    }

    /// A question for the name has failed. The addresses that it had, `kept` of them, serve on.
    private func notResolved(_ name: Resolver.Name, _ failure: DNSFailure, kept: Int) {
        for route in routes {
            for origin in route.origins {
                guard case .name(name) = origin.target, origin.record.countResolveFailure(at: loop.now)
                else { continue }
                setup.log.nameNotResolved(origin, route: route, failure, kept: kept)
            }
        }
    }

    /// Goes on with the origins that a reload has taken out.
    private func endRemoved(now: UInt64) {
        guard !removals.isEmpty else { return }
        for index in removals.indices {
            let reason = removals[index].hasPassed(at: now) ? CloseReason.originRemoved : .drainWindow
            for connection in removals[index].due(among: connections, now: now) { connection.end(reason) }
        }
        removals.removeAll { $0.isOver }
    }

    /// Ends what is connected to an origin that has turned unhealthy, where its route wants that.
    private func endUnhealthy() {
        let turned = unhealthy.turned()
        guard !turned.isEmpty else { return }
        end(.originUnhealthy) { connection in
            connection.chosenOrigin.map { turned.contains(ObjectIdentifier($0.record)) } ?? false
        }
    }

    private func end(_ reason: CloseReason, where condition: (Connection) -> Bool) {
        // From the end: whoever ends leaves its place to one that was looked at already.
        for connection in connections.reversed() where condition(connection) { connection.end(reason) }
    }

    /// Copies of the listening sockets for the next generation, each with its listener's id.
    func duplicateListeners() -> [(descriptor: Int32, listener: Int)] {
        listeners.map { (descriptor: $0.listener.duplicate(), listener: $0.id) }
            .filter { $0.descriptor >= 0 }
    }

    // MARK: Draining

    /// Accepts no more, and stops when the last connection has ended or the deadline has come.
    func drain(_ configuration: DrainConfiguration) {
        guard drain == nil else { return }
        for listener in listeners { listener.listener.drainAndClose() }
        listeners.removeAll()
        context.warmPools.close()
        // Not before: a connection that fails at once must not stop the loop while other listeners still accept.
        drain = DrainSchedule(configuration, now: loop.now)
        stopIfDrained()
    }

    private func goOnDraining(now: UInt64) {
        if now >= drain!.deadline { return endAll(.drainDeadline) }
        var due = drain!.due(now: now, open: connections.count)
        // From the end: whoever ends leaves its place to one that was looked at already.
        for connection in connections.reversed() where due > 0 && connection.isSilent(at: now) {
            connection.end(.drainWindow)
            due -= 1
        }
    }

    /// Ends what an operator does not want any more. Returns how many that were.
    func closeConnections(_ filter: ConnectionFilter) -> Int {
        let chosen = connections.filter(filter.matches)
        for connection in chosen { connection.end(.closedByOperator) }
        return chosen.count
    }

    private func endAll(_ reason: CloseReason) {
        for connection in connections { connection.end(reason) }
    }

    private func stopIfDrained() {
        guard drain != nil, connections.isEmpty, !hasStopped else { return }
        hasStopped = true
        checks?.close()
        tick.close()
        turn.close()
        context.resolver.close()
        loop.stop()
    }

    // MARK: Looking

    /// A consistent copy of the counters, gauges included.
    func copyMetrics() -> WorkerMetrics {
        for index in context.metrics.routes.indices { context.metrics.routes[index].clearGauges() }
        for connection in connections {
            connection.addGauges(to: &context.metrics.routes[connection.route.index])
        }
        for listener in listeners {
            guard let pause = listener.pause else { continue }
            context.metrics.routes[listener.route.index].pausedListeners[pause.index] += 1
        }
        context.metrics.poolBytes = context.pool.mappedBytes
        context.metrics.memoryPressure = context.pool.pressure
        return context.metrics
    }

    func copyConnection(_ id: UInt64) -> ConnectionSnapshot? {
        connections.first { $0.id == id }?.detailedSnapshot(worker: setup.index)
    }

    func copyConnections() -> [ConnectionSnapshot] {
        connections.map { $0.snapshot(worker: setup.index) }
    }
}

/// What the listeners have to say.
extension Worker {
    /// A place for one connection. Otherwise why there is none: the listener pauses.
    func takePlace(for route: Route) -> AcceptPause? {
        let pause: AcceptPause
        switch setup.limits.take(for: route) {
        case .admitted:
            context.warmPools.giveWay()
            return nil
        case .full: pause = .connectionLimit
        case .tooSoon: pause = .rateLimit
        }
        context.metrics.acceptPauses[pause.index] += 1
        return pause
    }

    func acceptedNone(for route: Route) {
        setup.limits.giveBack(route)
    }

    func accepted(_ descriptor: Int32, from client: SocketAddress, for route: Route) {
        context.metrics.routes[route.index].opened += 1
        nextConnection += 1
        // Unique in the process: the worker in the upper bits.
        let id = UInt64(setup.index) << 48 | nextConnection
        let connection = Connection(id: id, route: route, client: client, context: context)
        // Who the client is, a PROXY header has yet to say.
        if !connection.isAnnounced, let refusal = refusal(of: connection) {
            SocketOptions.lingerZero(descriptor)
            close(descriptor)
            setup.limits.release(route)
            return finish(connection, refusal)
        }
        connection.tableIndex = Int32(connections.count)
        connections.append(connection)
        connection.start(takingOver: descriptor)
    }

    /// What the route has against this client. `nil`: nothing; it is counted where clients are.
    private func refusal(of connection: Connection) -> CloseReason? {
        let (route, client) = (connection.route, connection.clientAddress)
        if let access = route.limits.access, !access.allows(client) { return .accessDenied }
        guard route.limits.countsClients else { return nil }
        switch route.usage.admit(client, limits: route.limits, now: MonotonicClock.nanoseconds) {
        case .admitted(let usage):
            connection.clientUsage = usage
            return nil
        case .overLimit: return .clientLimit
        case .overRate: return .clientRate
        }
    }

    func acceptFailed(_ error: SystemError, by listener: Listener) {
        context.metrics.acceptPauses[AcceptPause.descriptors.index] += 1
        context.warmPools.standBack()
        // It tries again every tick, and the metric counts each time; the log needs to hear of it now and then.
        guard loop.now >= nextShortageWarning else { return }
        nextShortageWarning = loop.now + Self.shortageWarningMilliseconds
        setup.log.acceptPaused(listener, error)
    }

    /// Lets paused listeners accept again where there is room. Every tick: so a listener that has met a limit, or has found
    /// no descriptor, asks twenty times a second at most.
    private func resumeListeners() {
        for listener in listeners
        where listener.listener.isPaused && setup.limits.hasRoom(for: listener.route) {
            listener.listener.resume()
        }
    }
}

extension Worker: ConnectionOwner {
    func connectAttemptFailed(_ connection: Connection, _ error: SystemError) {
        setup.log.connectFailed(connection, error)
    }

    func originEjected(_ origin: Origin, route: Route) {
        setup.log.originEjected(origin, route: route, for: origin.ejectedFor(at: loop.now))
    }

    func originChecked(_ origin: Origin, route: Route, passes: Bool, _ reason: String) {
        setup.log.originChecked(origin, route: route, passes: passes, reason)
    }

    func warmPoolRests(_ origin: Origin, route: Route, for milliseconds: UInt64) {
        setup.log.warmPoolRests(origin, route: route, for: milliseconds)
    }

    func clientAnnounced(_ connection: Connection) -> CloseReason? { refusal(of: connection) }

    func proxyHeaderRefused(_ connection: Connection, _ why: String) {
        setup.log.proxyHeaderRefused(connection, why)
    }

    func actuatorChanged(_ connection: Connection, _ change: ActuatorTrial.Change) {
        setup.log.actuatorChanged(connection, change)
    }

    func connectionEnded(_ connection: Connection, _ reason: CloseReason) {
        let index = Int(connection.tableIndex)
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.tableIndex = connection.tableIndex
        }
        connection.tableIndex = -1
        if let client = connection.clientUsage {
            connection.route.usage.release(client, now: MonotonicClock.nanoseconds)
        }
        setup.limits.release(connection.route)
        finish(connection, reason)
        stopIfDrained()
    }

    private func finish(_ connection: Connection, _ reason: CloseReason) {
        context.metrics.routes[connection.route.index].closed[reason.index] += 1
        setup.log.closed(connection, reason)
    }
}
