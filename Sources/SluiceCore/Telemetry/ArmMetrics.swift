import SluiceControl
import SluiceMetrics

/// What one event loop counted for one arm of one class of a route.
public struct ArmMetrics: Sendable, Hashable {
    /// Bytes moved, both ways, by connections that moved some in more than one sample.
    public var bytes: UInt64 = 0
    /// Time in which they did, summed over the connections.
    public var activeMicroseconds: UInt64 = 0
    /// Bytes that the kernel sent again, on both legs.
    public var retransmittedBytes: UInt64 = 0
    /// Such connections that there are now (a gauge).
    public var connections: Int = 0
    /// Memory that they hold, in relay buffers and in the kernel (a gauge).
    public var heldBytes: Int = 0
    /// Smoothed over lowest round-trip time, at each sample of a leg to another host.
    public var inflation = Histogram(bounds: MetricBounds.inflation)

    public init() {}

    /// Position in `RouteMetrics.arms`.
    static func index(_ flowClass: FlowClass, _ arm: Arm) -> Int {
        flowClass.index * Arm.allCases.count + (arm == .adaptive ? 0 : 1)
    }

    mutating func merge(_ other: ArmMetrics) {
        bytes += other.bytes
        activeMicroseconds += other.activeMicroseconds
        retransmittedBytes += other.retransmittedBytes
        connections += other.connections
        heldBytes += other.heldBytes
        inflation.merge(other.inflation)
    }
}
