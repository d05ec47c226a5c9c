import SluiceControl

/// Everything that one scrape shows, collected once, so that the figures of one scrape belong together: each loop's
/// counters are one copy, taken on that loop between two events.
public struct MetricsSnapshot: Sendable {
    /// A route's counters over all workers.
    public struct Route: Sendable {
        public var name: String
        public var metrics: RouteMetrics
        /// Ceiling on its connections at one time; `nil`: none of its own.
        public var connectionsLimit: Int?

        public init(name: String, metrics: RouteMetrics, connectionsLimit: Int? = nil) {
            self.name = name
            self.metrics = metrics
            self.connectionsLimit = connectionsLimit
        }
    }

    public var routes: [Route]
    public var origins: [OriginSnapshot] = []
    public var workers: [WorkerMetrics]
    /// Ceiling on the connections of all routes at one time.
    public var maxConnections: Int
    public var isReady: Bool
    public var configuration: ConfigurationStatus
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
        let limits = proxy.connectionLimits
        for index in routes.indices { routes[index].connectionsLimit = limits[routes[index].name] }
        maxConnections = proxy.maxConnections
        origins = proxy.origins
        isReady = proxy.isReady
        configuration = proxy.configurationStatus
        startTime = proxy.startTime
        droppedLogLines = proxy.droppedLogLines
        memoryInUse = proxy.memoryInUse
        memoryCeiling = proxy.memoryCeiling
        availableActuators = proxy.availableActuators
        process = .current()
    }

    /// Merges the workers' routes; all else is zero. Every route is there, even if no worker counted anything yet. One that
    /// a reload has removed stays as long as it has connections.
    init(routeNames: [String], workers: [WorkerMetrics]) {
        var merged: [String: RouteMetrics] = [:]
        for worker in workers {
            for (name, metrics) in zip(worker.routeNames, worker.routes) {
                merged[name, default: RouteMetrics()].merge(metrics)
            }
        }
        let current = Set(routeNames)
        let removed = merged.filter { !current.contains($0.key) && $0.value.live > 0 }.keys.sorted()
        routes = (routeNames + removed).map { Route(name: $0, metrics: merged[$0] ?? RouteMetrics()) }
        self.workers = workers
        maxConnections = 0
        isReady = false
        configuration = ConfigurationStatus()
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
