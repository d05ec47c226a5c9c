import SluiceControl
import SluiceMetrics

/// What one event loop counted for one route. Owned by that loop; a scrape merges copies.
///
/// Every array is made by itself, not by repeating one: the first write to a shared one would allocate on the hot path.
public struct RouteMetrics: Sendable, Hashable {
    /// Connections accepted.
    public var opened: UInt64 = 0
    /// Connections closed, by reason: indexed as `CloseReason.allCases`.
    public var closed = [UInt64](repeating: 0, count: CloseReason.allCases.count)
    /// Connections open now (a gauge).
    public var live: Int = 0
    /// Of these, connections that wait for a place on an origin (a gauge).
    public var queued: Int = 0
    /// Listeners that let clients wait now, by why (a gauge): indexed as `AcceptPause.allCases`.
    public var pausedListeners = [Int](repeating: 0, count: AcceptPause.allCases.count)
    /// Bytes written to the far side, by direction: indexed as `Direction.allCases`.
    public var relayedBytes = [UInt64](repeating: 0, count: Direction.allCases.count)
    /// Bytes that the kernel sent again, by leg: indexed as `Leg.allCases`.
    public var retransmittedBytes = [UInt64](repeating: 0, count: Leg.allCases.count)
    /// Decisions that changed something: `[actuator][reason]`, indexed as their `allCases`.
    public var decisions = Actuator.allCases.map { _ in
        [UInt64](repeating: 0, count: Reason.allCases.count)
    }
    /// Best-effort socket options that the kernel refused.
    public var socketOptionFailures: UInt64 = 0
    /// Connect attempts to the origin that failed (a connection may try several addresses).
    public var connectFailures: UInt64 = 0
    /// Times that a direction waited before it read because of a bandwidth limit.
    public var pacedReads: UInt64 = 0
    /// PROXY headers that were awaited, by what came: indexed as `ProxyHeaderResult.allCases`.
    public var proxyHeaders = [UInt64](repeating: 0, count: ProxyHeaderResult.allCases.count)
    /// Relay buffer bytes that connections of this route hold now, by direction (a gauge).
    public var heldBytes = [Int](repeating: 0, count: Direction.allCases.count)
    /// Bytes unsent in the kernel at the last sample of each live connection, by leg (a gauge).
    public var unsentBytes = [Int](repeating: 0, count: Leg.allCases.count)
    /// Connect to the origin: from the first attempt to established, seconds.
    public var connectSeconds = Histogram(bounds: MetricBounds.seconds)
    /// How long those waited in the queue that got a place, seconds.
    public var queueSeconds = Histogram(bounds: MetricBounds.seconds)
    /// From accept to the first byte written to the client, seconds.
    public var firstByteSeconds = Histogram(bounds: MetricBounds.seconds)
    /// From accept to close, seconds.
    public var lifetimeSeconds = Histogram(bounds: MetricBounds.lifetimeSeconds)
    /// Smoothed round-trip time at each sample, seconds, by leg: indexed as `Leg.allCases`.
    public var roundTripSeconds = Leg.allCases.map { _ in Histogram(bounds: MetricBounds.roundTripSeconds) }

    /// What the two arms came to, by class: see `ArmMetrics.index`.
    public var arms = FlowClass.allCases.flatMap { _ in Arm.allCases.map { _ in ArmMetrics() } }
    /// Actuators that were withdrawn, and tried again: `[class][actuator]`, indexed as their `allCases`.
    public var withdrawals = FlowClass.allCases.map { _ in
        [UInt64](repeating: 0, count: Actuator.allCases.count)
    }
    public var readmissions = FlowClass.allCases.map { _ in
        [UInt64](repeating: 0, count: Actuator.allCases.count)
    }

    public init() {}

    /// Sets all gauges to zero, in place, before they are taken anew.
    mutating func clearGauges() {
        live = 0
        queued = 0
        for index in pausedListeners.indices { pausedListeners[index] = 0 }
        for index in heldBytes.indices { heldBytes[index] = 0 }
        for index in unsentBytes.indices { unsentBytes[index] = 0 }
        for index in arms.indices {
            arms[index].connections = 0
            arms[index].heldBytes = 0
        }
    }
}

/// Bucket bounds of the histograms, in seconds where the name says nothing else.
public enum MetricBounds {
    /// Ratios.
    public static let inflation = [1.1, 1.25, 1.5, 2, 3, 5, 10, 20]
    public static let seconds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    public static let lifetimeSeconds = [0.01, 0.1, 1, 10, 60, 600, 3600, 21600, 86400]
    public static let roundTripSeconds = [
        0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
    ]
    public static let lagSeconds = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1]
}
