/// Everything that decides what a run does. The client sends it to the server, and both sides derive their part.
public struct BenchPlan: Codable, Sendable, Hashable {
    public var mode: BenchMode
    /// Length of the run, seconds. A stream of `bytes` has none.
    public var seconds: Double?
    /// `stream` only: how much each direction carries, in place of a length.
    public var bytes: UInt64?
    /// How long receivers wait at the end for what is still on its way: a few seconds of queue, even on a bad link.
    public var drainSeconds = 10.0
    /// Seconds between two points of the series, and between two lines.
    public var interval = 1.0
    /// Connections: bulk streams of each direction, or of the requests, tokens, or connects.
    public var parallel = 1
    /// The ways that bulk and freshness flow.
    public var directions: [FlowDirection] = [.upstream]
    /// Of one write of bulk, or one datum of `freshness`.
    public var blockBytes = 128 << 10
    /// What all bulk or freshness streams of a direction send together. `nil`: as fast as it goes.
    public var bitsPerSecond: UInt64?
    public var request = RequestPlan()
    public var tokens = TokenPlan()
    /// `mixed` only.
    public var probe = ProbeKind.rr
    /// `mixed` only: connections of the probe.
    public var probes = 1
    /// Of everything that is drawn: the same seed makes the same gaps.
    public var seed: UInt64 = 1
    /// For every socket of both sides. `nil`: the system's.
    public var congestionControl: String?
    /// `TCP_NOTSENT_LOWAT` of the sockets that send bulk or freshness. 0: the system's.
    public var notSentLowat = 0

    public init(mode: BenchMode, seconds: Double? = 10) {
        self.mode = mode
        self.seconds = seconds
        if mode == .freshness {
            blockBytes = 1 << 10
            // A source that cares for fresh data hands out the newest when its kernel has sent all before it.
            notSentLowat = 1
        }
    }
}

/// Request and response. The client sends, the server answers, one at a time on each connection.
public struct RequestPlan: Codable, Sendable, Hashable {
    public var requestBytes = 128
    public var responseBytes = 128
    /// Requests per second over all connections, sent when they are due whether or not others are late (an open loop).
    /// `nil`: each connection sends the next one when the answer is there (a closed loop).
    public var perSecond: Double?

    public init() {}
}

/// A token stream, as a language model's server sends it. Every connection asks for the next one when one is done.
public struct TokenPlan: Codable, Sendable, Hashable {
    /// Tokens in one stream.
    public var count = 64
    /// Of one token with everything around it.
    public var bytes = 96
    /// Mean rate within a stream. The gaps are drawn evenly from half to one and a half times the mean.
    public var perSecond = 50.0
    /// A gap of so many seconds is counted as a stall.
    public var stallSeconds = 0.2

    public init() {}
}
