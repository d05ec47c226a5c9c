import SluiceMetrics

/// What one event loop counted. Owned by that loop; a scrape merges copies of all of them.
public struct WorkerMetrics: Sendable, Hashable {
    /// Indexed as `Configuration.routes`.
    public var routes: [RouteMetrics]
    /// How late the loop's timer fired, seconds: what a connection may wait for its turn.
    public var loopLagSeconds = Histogram(bounds: MetricBounds.lagSeconds)
    /// Times that accepting was suspended: at a connection limit, and for want of descriptors.
    public var acceptPausedAtLimit: UInt64 = 0
    public var acceptPausedForDescriptors: UInt64 = 0
    /// Relay buffer bytes that this loop's pool has from the system, in use or kept for reuse (a gauge).
    public var poolBytes: Int = 0
    /// Times that a connection had to wait for a relay buffer at the memory ceiling.
    public var bufferWaits: UInt64 = 0

    public init(routeCount: Int) {
        routes = (0..<routeCount).map { _ in RouteMetrics() }
    }
}
