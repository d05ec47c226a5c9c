/// What one side of a run saw: the server sends its own to the client.
public struct SideReport: Codable, Sendable {
    public var facts: EndpointFacts
    public var lanes: [LaneReport]
    public var flows: [FlowSeries]
    public var latencySeries: [LatencySeries]
    public var latencies: [LatencyResult]
    public var tallies: [Tally: UInt64]
    /// User and system time of this side's own process during the run.
    public var cpuSeconds: Double
}

/// One data connection at its end.
public struct LaneReport: Codable, Sendable {
    public var lane: Int
    /// `nil` for a connection that carries no bulk.
    public var direction: FlowDirection?
    public var role: FlowSeries.Role?
    public var bytes: UInt64
    /// From the start to the last byte.
    public var seconds: Double
    public var retransmits: UInt64
    public var congestionControl: String
    /// The error that ended it early.
    public var failure: String?
}

/// A latency and the part of the run it belongs to.
public struct LatencyResult: Codable, Sendable {
    public var metric: Metric
    public var phase: Phase
    public var histogram: LatencyHistogram
}

/// A machine and what runs on it.
public struct EndpointFacts: Codable, Sendable, Equatable {
    public var sluice: String
    public var kernel: String
    public var architecture: String
    public var processors: Int
    /// The system's default congestion control.
    public var congestionControl: String
}
