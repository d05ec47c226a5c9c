// What happened over time: a point for each interval.

/// One direction's bulk or freshness, at one end.
public struct FlowSeries: Codable, Sendable, Equatable {
    public enum Role: String, Codable, Sendable { case sender, receiver }
    public var direction: FlowDirection
    public var role: Role
    public var points: [FlowPoint] = []
}

/// What all connections of a direction did in one interval.
public struct FlowPoint: Codable, Sendable, Equatable {
    /// Seconds since the run began.
    public var start: Double
    public var end: Double
    /// Written, or read, by the application.
    public var bytes: UInt64
    /// Of the sending end.
    public var sender: SenderState?

    public var bitsPerSecond: Double { end > start ? Double(bytes) * 8 / (end - start) : 0 }
}

/// What the kernel said about sending sockets (`TCP_INFO`) at the end of an interval.
public struct SenderState: Codable, Sendable, Equatable {
    /// Smoothed round-trip time, microseconds; of several connections, the mean.
    public var rttMicroseconds: Double
    /// Segments sent again during the interval.
    public var retransmits: UInt64
    /// Congestion window, bytes; of several, the sum.
    public var congestionWindow: UInt64
    /// Written and not acknowledged, bytes; of several, the sum.
    public var sendQueue: UInt64
}

/// A latency over time.
public struct LatencySeries: Codable, Sendable, Equatable {
    public var metric: Metric
    public var points: [LatencyPoint] = []
}

/// What was recorded in one interval. Nanoseconds.
public struct LatencyPoint: Codable, Sendable, Equatable {
    /// Seconds since the run began.
    public var start: Double
    public var end: Double
    public var count: UInt64
    public var p50: UInt64
    public var p99: UInt64
    public var max: UInt64
}
