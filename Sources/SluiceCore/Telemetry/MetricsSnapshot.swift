import SluiceControl

/// Everything that one scrape shows, collected once, so that the figures of one scrape belong together: each loop's
/// counters are one copy, taken on that loop between two events.
public struct MetricsSnapshot: Sendable {
    /// A route's counters over all workers.
    public struct Route: Sendable {
        public var name: String
        public var metrics: RouteMetrics

        public init(name: String, metrics: RouteMetrics) {
            self.name = name
            self.metrics = metrics
        }
    }

    public var routes: [Route]
    public var workers: [WorkerMetrics]
    public var isReady: Bool
    /// Seconds since the Unix epoch.
    public var startTime: Double
    public var droppedLogLines: UInt64
    /// Bytes.
    public var memoryInUse: Int
    /// Bytes.
    public var memoryCeiling: Int
    public var availableActuators: ActuatorSet
    public var process: ProcessStatistics?

    /// Asks the running proxy. Waits for each loop's answer; safe from any thread but the loops' own.
    public init(of proxy: any ProxyInspection) async {
        self.init(routeNames: proxy.routeNames, workers: await proxy.metrics())
        isReady = proxy.isReady
        startTime = proxy.startTime
        droppedLogLines = proxy.droppedLogLines
        memoryInUse = proxy.memoryInUse
        memoryCeiling = proxy.memoryCeiling
        availableActuators = proxy.availableActuators
        process = .current()
    }

    /// Merges the workers' routes; all else is zero. Every route is there, even if no worker counted anything yet.
    init(routeNames: [String], workers: [WorkerMetrics]) {
        routes = routeNames.enumerated().map { index, name in
            var merged = RouteMetrics()
            for worker in workers { merged.merge(worker.routes[index]) }
            return Route(name: name, metrics: merged)
        }
        self.workers = workers
        isReady = false
        startTime = 0
        droppedLogLines = 0
        memoryInUse = 0
        memoryCeiling = 0
        availableActuators = []
    }

    /// Adds a figure up over all workers.
    func total<Number: AdditiveArithmetic>(_ figure: KeyPath<WorkerMetrics, Number>) -> Number {
        workers.reduce(.zero) { $0 + $1[keyPath: figure] }
    }
}
