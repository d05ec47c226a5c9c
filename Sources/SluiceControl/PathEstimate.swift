/// What is known about the path behind one sending socket. `nil`: not measured yet.
public struct PathEstimate: Sendable, Hashable {
    /// Smoothed round-trip time, microseconds.
    public var smoothedRTT: UInt32?
    /// Lowest round-trip time of the last 10 s, microseconds: the path without its queue.
    public var minimumRTT: UInt32?
    /// Bytes per second that this direction relayed lately.
    public var throughput: Double?
    /// Bytes per second that the path can take: a lower bound while the source is the limit.
    public var bandwidth: Double?

    public init() {}

    /// Bandwidth-delay product, bytes: what has to be in flight to fill the path.
    public var bandwidthDelayProduct: Int? {
        guard let bandwidth, let minimumRTT else { return nil }
        // Clamped: a kernel's nonsense must not end the process.
        return Int(min(bandwidth * Double(minimumRTT) / 1e6, 1e15))
    }

    /// How much the round-trip time stands above its floor, microseconds: the queue on the path.
    public var queue: UInt32? {
        guard let smoothedRTT, let minimumRTT else { return nil }
        return smoothedRTT > minimumRTT ? smoothedRTT - minimumRTT : 0
    }
}
