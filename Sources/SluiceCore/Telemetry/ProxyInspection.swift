import SluiceControl

/// What the admin server may ask of a running proxy. Every call is safe from any thread, and returns soon, also while
/// the loops end: the admin server's `stop()` waits for answers that are under way.
public protocol ProxyInspection: Sendable {
    /// The routes of the configuration that holds now, in its order.
    var routeNames: [String] { get }
    /// Ceilings on the connections of one route at one time, by its name. One that has none is not there.
    var connectionLimits: [String: Int] { get }
    /// Ceiling on the connections of all routes at one time.
    var maxConnections: Int { get }
    /// One entry a worker. Asks each loop for a copy of its counters.
    func metrics() async -> [WorkerMetrics]
    /// Every live connection. Asks each loop for copies.
    func connections() async -> [ConnectionSnapshot]
    /// One live connection, with its last decisions. `nil`: there is none of this id.
    func connection(_ id: UInt64) async -> ConnectionSnapshot?
    /// Every origin of every route, in the configuration's order.
    var origins: [OriginSnapshot] { get }
    /// False from the moment that a drain is announced.
    var isReady: Bool { get }
    /// Which configuration holds, and how the reloads went.
    var configurationStatus: ConfigurationStatus { get }
    /// Seconds since the Unix epoch at which the proxy started.
    var startTime: Double { get }
    /// Log lines that the log writer dropped because its queue was full.
    var droppedLogLines: UInt64 { get }
    /// Current bytes of relay buffers over all workers, and their ceiling.
    var memoryInUse: Int { get }
    var memoryCeiling: Int { get }
    /// What the running kernel lets the controllers set.
    var availableActuators: ActuatorSet { get }
}
