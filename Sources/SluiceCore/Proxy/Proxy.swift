import Glibc
import Logging
import SluiceControl

/// A running proxy: its workers, and what they share.
///
/// Life: `init` binds every listener, so that a wrong address is an error here and not later; `start` begins to accept;
/// `reload` changes the routes; `drain` ends it; `finished` waits for the end. Safe from any thread.
public final class Proxy: Sendable {
    /// One bound listener.
    public struct Listening: Sendable, Hashable {
        public let route: String
        /// With its real port where port 0 was asked for.
        public let address: String

        init(_ listener: BoundListener) {
            route = listener.route.name
            address = listener.address.description
        }
    }

    /// Seconds since the Unix epoch.
    public let startTime: Double

    private let budget: MemoryBudget
    private let abilities: KernelAbilities
    private let limits: ConnectionLimits
    private let setups: [Worker.Setup]
    private let logWriter: LogWriter
    private let state: Locked<State>

    private struct State {
        var configuration: Configuration
        var status = ConfigurationStatus()
        var slots = RouteSlots()
        /// In the configuration's order.
        var routes: [Route] = []
        var listeners: [BoundListener] = []
        var nextListener = 0
        /// Bound, and on their way to the workers that `start` makes.
        var added: [AddedListener] = []
        var workers: [WorkerHandle] = []
        var isDrainAnnounced = false
        var isDraining = false
        var finishedWorkers = 0
        var isFinished = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        var routing: Worker.Routing {
            Worker.Routing(
                routes: routes,
                slotNames: slots.names,
                listeners: Dictionary(uniqueKeysWithValues: listeners.map { ($0.id, $0.route) }),
                drain: configuration.drain
            )
        }
    }

    /// Binds all listeners. Nothing is accepted yet. Throws the first failure, with everything closed again.
    /// - Parameter inherited: Sockets that are bound already; those that the configuration names are taken over.
    public init(
        _ configuration: Configuration,
        logger: Logger,
        logWriter: LogWriter,
        inherited: inout InheritedSockets
    ) throws(ListenError) {
        self.logWriter = logWriter
        budget = MemoryBudget(ceiling: configuration.memoryBytes)
        startTime = Self.wallClock()
        // A peer that is gone is an error of a call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)

        let workerCount = configuration.workers ?? Self.coreCount()
        var state = State(configuration: configuration)
        state.status.appliedAt = startTime
        state.routes = state.slots.assign(
            configuration.routes,
            classes: configuration.classes,
            current: []
        )
        try Self.checkHost(for: configuration)
        let plan = ListenerPlan(current: [], routes: state.routes)
        state.added = try Self.bind(plan.added, workers: workerCount, inherited: &inherited, into: &state)
        let limits = ConnectionLimits(
            maxConnections: configuration.maxConnections,
            descriptorCeiling: DescriptorLimit.connections(
                under: DescriptorLimit.raise(),
                inUse: DescriptorLimit.inUse(),
                workers: workerCount
            )
        )
        self.limits = limits
        let log = ConnectionLog(logger)
        let budget = budget
        let abilities = KernelAbilities.probe()
        self.abilities = abilities
        if configuration.routes.contains(where: { $0.policy == .adaptive }) { abilities.log(to: logger) }
        let paths = PeerPaths()
        setups = (0..<workerCount).map { index in
            Worker.Setup(
                index: index,
                count: workerCount,
                configuration: configuration,
                budget: budget,
                limits: limits,
                abilities: abilities,
                paths: paths,
                log: log
            )
        }
        self.state = Locked(state)
    }

    /// The same where nothing is inherited.
    public convenience init(
        _ configuration: Configuration,
        logger: Logger,
        logWriter: LogWriter
    ) throws(ListenError) {
        var none = InheritedSockets()
        try self.init(configuration, logger: logger, logWriter: logWriter, inherited: &none)
    }

    /// What it listens on now, in the configuration's order.
    public var listening: [Listening] { state.withLock { $0.listeners.map(Listening.init) } }
    /// How it will go: as configured now.
    public var drainConfiguration: DrainConfiguration { state.withLock { $0.configuration.drain } }
    /// Connections that may be open at one time.
    public var maxConnections: Int { limits.maxConnections }

    /// Starts one thread a worker. Called once.
    public func start() {
        let (added, routing) = state.withLock { state in
            defer { state.added = [] }
            return (state.added, state.routing)
        }
        for setup in setups {
            let started = Handoff<WorkerHandle>()
            LoopThread.start(name: "sluice-\(setup.index)") { [self] in
                let worker = Worker(setup)
                // Only when the kernel refuses epoll to a socket that was bound a moment ago.
                if let error = worker.prepare(added) { fatalError("worker \(setup.index): \(error)") }
                worker.commit(routing)
                started.give(WorkerHandle(worker))
                worker.run()
                workerFinished()
            }
            let handle = started.take()
            state.withLock { $0.workers.append(handle) }
        }
    }

    /// Says that it is not ready any more, and goes on accepting: whoever sends it clients has time to see it.
    public func announceDrain() { state.withLock { $0.isDrainAnnounced = true } }

    /// Stops accepting, waits for the connections to end, and cuts those that have not by the configured deadline.
    /// `finished` returns when all is done. Does nothing the second time.
    /// - Parameter handingOver: Another process accepts from the same sockets: their files stay.
    public func drain(handingOver: Bool = false) {
        let (workers, listeners, configuration) = state.withLock { state in
            defer {
                state.isDraining = true
                state.isDrainAnnounced = true
            }
            return state.isDraining
                ? ([], [], state.configuration.drain)
                : (state.workers, state.listeners, state.configuration.drain)
        }
        if !handingOver { for listener in listeners { listener.removeSocketFile() } }
        for worker in workers { worker.submit { $0.drain(configuration) } }
    }

    /// Drains one origin, or lets it serve again: it gets no new connections, and those that it has live on. Outlives a
    /// reload that keeps the origin. Returns false when no such origin is configured.
    ///
    /// - Parameter origin: as it stands in the configuration, the `origin` label of the metrics.
    public func setDrained(_ isDrained: Bool, origin: String, ofRoute route: String) -> Bool {
        let routes = state.withLock { $0.routes }
        guard
            let match = routes.first(where: { $0.name == route })?.origins.first(where: { $0.name == origin })
        else { return false }
        match.record.isDrained = isDrained
        return true
    }

    /// Returns when every worker has drained.
    public func finished() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.waiting.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }

    private func workerFinished() {
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.finishedWorkers += 1
            guard state.finishedWorkers == setups.count else { return [] }
            state.isFinished = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private static func coreCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private static func wallClock() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

// MARK: Reloading

extension Proxy {
    /// What a reload did to the listeners.
    public struct Reloaded: Sendable {
        public let opened: [Listening]
        public let closed: [Listening]
    }

    /// Takes routes, connection limits and drain of `configuration` over, all at once or not at all. New connections go by
    /// it, those that there are live on as they began. An address that stays keeps its sockets and what waits in them.
    ///
    /// Workers, memory, names' refresh, the admin server and the log's format are those of the start: the caller has refused
    /// a change of them. One reload at a time; blocks until every worker has taken it over, or until an address that is new
    /// could not be listened on, which is thrown, with nothing changed.
    public func reload(_ configuration: Configuration) throws(ListenError) -> Reloaded {
        let (before, workers) = state.withLock { ($0, $0.workers) }
        guard !before.isDrainAnnounced else { throw ListenError(.isDraining) }
        var after = before
        after.configuration = configuration
        after.routes = after.slots.assign(
            configuration.routes,
            classes: configuration.classes,
            current: before.routes
        )
        try Self.checkHost(for: configuration)
        let plan = ListenerPlan(current: before.listeners, routes: after.routes)
        for listener in plan.kept { try listener.check() }
        after.listeners = plan.kept
        var none = InheritedSockets()
        let added = try Self.bind(plan.added, workers: setups.count, inherited: &none, into: &after)
        try prepare(added, permitting: plan.permitted, on: workers)

        let routing = after.routing
        for listener in plan.removed { listener.removeSocketFile() }
        for worker in workers { _ = worker.askAndWait { $0.commit(routing) } }
        limits.maxConnections = configuration.maxConnections ?? .max
        state.withLock { state in
            state.configuration = after.configuration
            state.slots = after.slots
            state.routes = after.routes
            state.listeners = after.listeners
            state.nextListener = after.nextListener
            state.status.generation += 1
            state.status.appliedReloads += 1
            state.status.isLastReloadRefused = false
            state.status.appliedAt = Self.wallClock()
        }
        let kept = Set(plan.kept.map(\.id))
        return Reloaded(
            opened: after.listeners.filter { !kept.contains($0.id) }.map(Listening.init),
            closed: plan.removed.map(Listening.init)
        )
    }

    /// Copies of all listening sockets, for `Successor`. Blocks; not while a reload is under way.
    public func duplicateListeners() -> [HandedSocket] {
        let (workers, listeners) = state.withLock { ($0.workers, $0.listeners) }
        return workers.flatMap { $0.askAndWait { $0.duplicateListeners() } ?? [] }.map { copy in
            let listener = listeners.first { $0.id == copy.listener }!
            return HandedSocket(
                descriptor: copy.descriptor,
                route: listener.route.name,
                ownsFile: listener.ownsFile
            )
        }
    }

    /// Counts a reload that changed nothing.
    public func noteRefusedReload() {
        state.withLock { state in
            state.status.refusedReloads += 1
            state.status.isLastReloadRefused = true
        }
    }

    /// Throws the first group of a Unix socket that this host does not have, and what the kernel does not let a route do.
    private static func checkHost(for configuration: Configuration) throws(ListenError) {
        for route in configuration.routes {
            do {
                try TransparentSocket.check(route)
            } catch {
                throw ListenError(.system(error), route: route.name)
            }
            for address in route.listen {
                guard let group = address.permissions.unknownGroup else { continue }
                throw ListenError(.noGroup(group), route: route.name, address: address)
            }
        }
    }

    /// Binds what is new, and adds it to the state's listeners. Throws the first failure, with everything closed again.
    private static func bind(
        _ wanted: [(address: ListenAddress, route: Route)],
        workers: Int,
        inherited: inout InheritedSockets,
        into state: inout State
    ) throws(ListenError) -> [AddedListener] {
        var added: [AddedListener] = []
        for (address, route) in wanted {
            let sockets: [ListenSocket]
            let (ready, ownsFile) = inherited.take(for: address, route: route.name)
            do {
                sockets =
                    ready.isEmpty
                    ? try ListenSocket.open(
                        address,
                        count: workers,
                        steered: route.configuration.listensTransparently
                    )
                    : try ListenSocket.share(ready, count: workers)
            } catch {
                for listener in added { listener.close() }
                throw ListenError(.system(error), route: route.name, address: address)
            }
            let listener = BoundListener(
                id: state.nextListener,
                configured: address,
                address: sockets[0].address,
                ownsFile: ownsFile,
                isTransparent: route.configuration.listensTransparently,
                route: route
            )
            state.nextListener += 1
            added.append(AddedListener(id: listener.id, route: route, sockets: sockets))
            state.listeners.append(listener)
            guard !ready.isEmpty else { continue }
            do {
                try listener.permit()
            } catch {
                for listener in added { listener.close() }
                throw ListenError(.system(error), route: route.name, address: address)
            }
        }
        return added
    }

    /// All workers make their listeners, and the files of others get their new permissions; or no worker has any.
    private func prepare(
        _ added: [AddedListener],
        permitting permitted: [BoundListener],
        on workers: [WorkerHandle]
    ) throws(ListenError) {
        var failure: SystemError?
        for worker in workers {
            if let error = worker.askAndWait({ $0.prepare(added) }) ?? nil { failure = error }
        }
        for listener in permitted where failure == nil {
            do {
                try listener.permit()
            } catch {
                failure = error
            }
        }
        guard let failure else { return }
        for worker in workers { _ = worker.askAndWait { $0.discard() } }
        throw ListenError(.system(failure))
    }
}

extension Proxy: ProxyInspection {
    public var routeNames: [String] { state.withLock { $0.configuration.routes.map(\.name) } }
    public var connectionLimits: [String: Int] {
        state.withLock { $0.configuration.routes }.reduce(into: [:]) { $0[$1.name] = $1.maxConnections }
    }
    public var isReady: Bool {
        state.withLock { !$0.isDrainAnnounced && $0.workers.count == setups.count }
    }
    public var origins: [OriginSnapshot] {
        let now = MonotonicClock.microseconds / 1000
        return state.withLock { $0.routes }.flatMap { route in
            route.origins.map { $0.snapshot(route: route.name, at: now) }
        }
    }
    public var configurationStatus: ConfigurationStatus { state.withLock { $0.status } }
    public var droppedLogLines: UInt64 { logWriter.dropped }
    public var memoryInUse: Int { budget.used }
    public var memoryCeiling: Int { budget.ceiling }
    public var availableActuators: ActuatorSet { abilities.actuators }

    public func metrics() async -> [WorkerMetrics] {
        await ask { $0.copyMetrics() }
    }

    public func connections() async -> [ConnectionSnapshot] {
        await ask { $0.copyConnections() }.flatMap { $0 }
    }

    public func connection(_ id: UInt64) async -> ConnectionSnapshot? {
        await ask { $0.copyConnection(id) }.compactMap(\.self).first
    }

    /// Ends the connections that the filter matches, with a reset. Returns how many that were.
    public func closeConnections(_ filter: ConnectionFilter) async -> Int {
        await ask { $0.closeConnections(filter) }.reduce(0, +)
    }

    /// Returns once every loop has answered: never, if one is stuck.
    public func waitForLoops() async { _ = await ask { _ in true } }

    /// Asks every worker, on its loop. A worker that has drained gives no answer.
    private func ask<Answer: Sendable>(_ question: @escaping @Sendable (Worker) -> Answer) async -> [Answer] {
        var answers: [Answer] = []
        for worker in state.withLock({ $0.workers }) {
            if let answer = await worker.ask(question) { answers.append(answer) }
        }
        return answers
    }
}
