import Glibc
import Logging
import SluiceControl

/// A running proxy: its workers, and what they share.
///
/// Life: `init` binds every listener, so that a wrong address is an error here and not later; `start` begins to accept;
/// `drain` ends it; `finished` waits for the end. Safe from any thread.
public final class Proxy: Sendable {
    /// One bound listener.
    public struct Listening: Sendable {
        public let route: String
        /// With its real port where port 0 was asked for.
        public let address: String
    }

    public let listening: [Listening]
    /// Seconds since the Unix epoch.
    public let startTime: Double
    /// Connections that may be open at one time.
    public let maxConnections: Int

    private let configuration: Configuration
    private let budget: MemoryBudget
    private let abilities: KernelAbilities
    private let setups: [Worker.Setup]
    private let logWriter: LogWriter
    private let state: Locked<State>

    private struct State {
        var workers: [WorkerHandle] = []
        var isDraining = false
        var finishedWorkers = 0
        var isFinished = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// Binds all listeners. Nothing is accepted yet. Throws the first failure, with everything closed again.
    public init(_ configuration: Configuration, logger: Logger, logWriter: LogWriter) throws(SystemError) {
        self.configuration = configuration
        self.logWriter = logWriter
        budget = MemoryBudget(ceiling: configuration.memoryBytes)
        state = Locked(State())
        startTime = Self.wallClock()
        // A peer that is gone is an error of a call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)

        let workerCount = configuration.workers ?? Self.coreCount()
        let bound = try Self.bindAll(configuration, workers: workerCount)
        listening = bound.map {
            Listening(route: configuration.routes[$0.route].name, address: $0.sockets[0].address.description)
        }
        maxConnections = Self.connectionCeiling(configuration, workers: workerCount)
        let limits = ConnectionLimits(maxConnections: maxConnections, routes: configuration.routes)
        let routes = configuration.routes.enumerated().map {
            Route(index: $0, configuration: $1, classes: configuration.classes)
        }
        let log = ConnectionLog(logger)
        let budget = budget
        let abilities = KernelAbilities.probe()
        self.abilities = abilities
        if configuration.routes.contains(where: { $0.policy == .adaptive }) { abilities.log(to: logger) }
        let paths = PeerPaths()
        setups = (0..<workerCount).map { index in
            Worker.Setup(
                index: index,
                configuration: configuration,
                routes: routes,
                budget: budget,
                limits: limits,
                abilities: abilities,
                paths: paths,
                listeners: bound.map { ($0.route, $0.sockets[index]) },
                log: log
            )
        }
    }

    /// Starts one thread a worker. Called once.
    public func start() {
        for setup in setups {
            let started = Started()
            LoopThread.start(name: "sluice-\(setup.index)") { [self] in
                let worker: Worker
                do {
                    worker = try Worker(setup)
                } catch {
                    // Only when the kernel refuses epoll to a socket that was bound a moment ago.
                    fatalError("worker \(setup.index): \(error)")
                }
                started.raise(WorkerHandle(worker))
                worker.run()
                workerFinished()
            }
            let handle = started.wait()
            state.withLock { $0.workers.append(handle) }
        }
    }

    /// Stops accepting, waits for the connections to end, and cuts those that have not by the configured deadline.
    /// `finished` returns when all is done. Does nothing the second time.
    public func drain() {
        let workers: [WorkerHandle] = state.withLock { state in
            guard !state.isDraining else { return [] }
            state.isDraining = true
            return state.workers
        }
        for listener in configuration.routes.flatMap(\.listen) {
            if case .unix(let path) = listener.address { unlink(path) }
        }
        let deadline = configuration.drainDeadline
        for worker in workers { worker.submit { $0.drain(for: deadline) } }
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

    // MARK: Starting

    private typealias Bound = (route: Int, sockets: [ListenSocket])

    private static func bindAll(_ configuration: Configuration, workers: Int) throws(SystemError) -> [Bound] {
        var bound: [Bound] = []
        do {
            for (index, route) in configuration.routes.enumerated() {
                for address in route.listen {
                    bound.append((index, try ListenSocket.open(address, count: workers)))
                }
            }
        } catch {
            for socket in bound.flatMap(\.sockets) { close(socket.descriptor) }
            throw error
        }
        return bound
    }

    private static func connectionCeiling(_ configuration: Configuration, workers: Int) -> Int {
        let byDescriptors = DescriptorLimit.connections(
            under: DescriptorLimit.raise(),
            inUse: DescriptorLimit.inUse(),
            workers: workers
        )
        return min(configuration.maxConnections ?? byDescriptors, byDescriptors)
    }

    private static func coreCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private static func wallClock() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

extension Proxy: ProxyInspection {
    public var routeNames: [String] { configuration.routes.map(\.name) }
    public var isReady: Bool { state.withLock { !$0.isDraining && $0.workers.count == setups.count } }
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

    /// Asks every worker, on its loop. A worker that has drained gives no answer.
    private func ask<Answer: Sendable>(_ question: @escaping @Sendable (Worker) -> Answer) async -> [Answer] {
        var answers: [Answer] = []
        for worker in state.withLock({ $0.workers }) {
            if let answer = await worker.ask(question) { answers.append(answer) }
        }
        return answers
    }
}
