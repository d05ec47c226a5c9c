/// What a latency is the latency of.
public enum Metric: String, Codable, Sendable, Hashable, CaseIterable {
    /// From when a request was due to its whole response. In a closed loop it is due when it is sent.
    case response
    /// From when a request was sent: without the wait that earlier ones caused. Open loop only.
    case service
    /// Of a GET that finds nothing in a cache.
    case cacheMiss
    /// Of a SELECT, to its last row.
    case query
    /// From the prompt to the first token.
    case firstToken
    /// Between two tokens of one stream, on arrival.
    case tokenGap
    /// From the prompt to the end of the token stream.
    case completion
    /// Of a SET.
    case cacheStore
    /// All stages of a request together, from a cache's miss to its store (`ServiceRun`).
    case endToEnd
    /// Of a GET that a cache answers.
    case cacheHit
    /// Of a datum, on arrival.
    case age
    /// Of a TCP handshake.
    case connect
    /// From the start of a connect to the server's first byte, which also comes through every proxy on the way.
    case firstByte

    public var title: String {
        switch self {
        case .response: "response"
        case .service: "service time"
        case .firstToken: "first token"
        case .tokenGap: "token gap"
        case .age: "age on arrival"
        case .connect: "connect"
        case .firstByte: "first byte"
        case .cacheMiss: "cache miss"
        case .query: "query"
        case .completion: "completion"
        case .cacheStore: "cache store"
        case .endToEnd: "end to end"
        case .cacheHit: "cache hit"
        }
    }
}

/// The part of a run that a latency belongs to.
public enum Phase: String, Codable, Sendable, Hashable, CaseIterable {
    /// Everything, in all modes but `mixed`.
    case whole
    /// Before the bulk.
    case idle
    /// Beside the bulk.
    case loaded

    public var title: String {
        switch self {
        case .whole: ""
        case .idle: "idle"
        case .loaded: "under load"
        }
    }
}

/// Things that are counted.
public enum Tally: String, Codable, Sendable, Hashable, CaseIterable, CodingKeyRepresentable {
    case requests
    /// Due or under way at the end of the run. Their age then counts as their latency: a lower bound.
    case unanswered
    case tokenStreams, tokens
    /// Gaps at or above the plan's limit.
    case stalls
    /// Data of `freshness` that arrived.
    case updates
    case connects
    /// Connections that broke, or that were refused.
    case failures
}
