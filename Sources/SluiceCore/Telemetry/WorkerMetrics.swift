import SluiceMetrics

/// What one event loop counted. Owned by that loop; a scrape merges copies of all of them.
public struct WorkerMetrics: Sendable, Hashable {
    /// Whose figures `routes` are, slot by slot: see `RouteSlots`.
    public internal(set) var routeNames: [String]
    /// One a slot.
    public var routes: [RouteMetrics]
    /// How late the loop's timer fired, seconds: what a connection may wait for its turn.
    public var loopLagSeconds = Histogram(bounds: MetricBounds.lagSeconds)
    /// Times that accepting was suspended, by why: indexed as `AcceptPause.allCases`.
    public var acceptPauses = [UInt64](repeating: 0, count: AcceptPause.allCases.count)
    /// Relay buffer bytes that this loop's pool has from the system, in use or kept for reuse (a gauge).
    public var poolBytes: Int = 0
    /// What gave way at the memory ceiling, and how often: indexed as `MemoryPressure.allCases`.
    public var memoryPressure = [UInt64](repeating: 0, count: MemoryPressure.allCases.count)
    /// Times that a connection had to wait for a relay buffer at the memory ceiling.
    public var bufferWaits: UInt64 = 0

    public init(routeNames: [String] = []) {
        self.routeNames = routeNames
        routes = routeNames.map { _ in RouteMetrics() }
    }

    /// After a reload: a slot that is another route's now begins at zero.
    mutating func setRouteNames(_ names: [String]) {
        for (slot, name) in names.enumerated() {
            if slot == routes.count {
                routes.append(RouteMetrics())
            } else if routeNames[slot] != name {
                routes[slot] = RouteMetrics()
            }
        }
        routeNames = names
    }
}
