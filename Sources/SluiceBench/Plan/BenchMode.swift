/// What a run measures.
public enum BenchMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// Bulk throughput, one way or both.
    case stream
    /// Request and response: latency.
    case rr
    /// Token streams: time to the first token, gaps, stalls.
    case tokens
    /// `rr` or `tokens`, idle first, then beside bulk on the same path.
    case mixed
    /// The age of the data on arrival.
    case freshness
    /// Connections per second, and what one takes.
    case connect
}

/// What is measured beside the bulk of a mixed run.
public enum ProbeKind: String, Codable, Sendable, Hashable, CaseIterable {
    case rr, tokens
}

/// Which way bulk data flows, in the words of the whole project: upstream is from client to server.
public enum FlowDirection: String, Codable, Sendable, Hashable, CaseIterable {
    case upstream, downstream
}
