import SluiceControl

/// One live connection as `/connections` shows it: a copy, taken on its loop.
public struct ConnectionSnapshot: Sendable, Hashable {
    /// Unique in this process.
    public var id: UInt64
    public var worker: Int
    public var route: String
    public var flowClass: FlowClass
    /// `configured`, or how it was guessed: `port`, `traffic`.
    public var classSource: String
    public var client: String
    public var origin: String
    /// What `origin` is called in the configuration. `nil`: it is not connected to one that stands there.
    public var chosenOrigin: String?
    /// `queued`, `connecting`, `open`, `half_closed`, `closing`.
    public var state: String
    public var ageSeconds: Double
    public var idleSeconds: Double
    public var upstream: DirectionSnapshot
    public var downstream: DirectionSnapshot
    /// Whether controllers steer it, or it is left to the kernel to compare with. `nil` under another policy than adaptive.
    public var arm: Arm?
    /// The last decisions, oldest first; empty unless this connection was asked for by its id.
    public var decisions: [DecisionRecord] = []
    /// When this was taken, as the decisions' times.
    public var takenAt: UInt64 = 0

    public init(
        id: UInt64,
        worker: Int,
        route: String,
        flowClass: FlowClass,
        classSource: String,
        client: String,
        origin: String,
        state: String,
        ageSeconds: Double,
        idleSeconds: Double,
        upstream: DirectionSnapshot,
        downstream: DirectionSnapshot
    ) {
        self.id = id
        self.worker = worker
        self.route = route
        self.flowClass = flowClass
        self.classSource = classSource
        self.client = client
        self.origin = origin
        self.state = state
        self.ageSeconds = ageSeconds
        self.idleSeconds = idleSeconds
        self.upstream = upstream
        self.downstream = downstream
    }
}

/// One direction of a live connection. Path figures are of the direction's sending socket; `nil` until measured.
public struct DirectionSnapshot: Sendable, Hashable {
    public var relayedBytes: UInt64 = 0
    /// Smoothed round-trip time, seconds.
    public var roundTripSeconds: Double?
    /// Lowest round-trip time of the last 10 s, seconds.
    public var minimumRoundTripSeconds: Double?
    /// Bytes per second, recently.
    public var throughput: Double?
    /// Estimated bandwidth of the path, bytes per second.
    public var bandwidth: Double?
    /// Bandwidth-delay product, bytes.
    public var bandwidthDelayProduct: Int?
    /// Relay buffer that this direction may use, bytes.
    public var ringTargetBytes: Int = 0
    /// Relay buffer bytes that it holds now.
    public var heldBytes: Int = 0
    /// `TCP_NOTSENT_LOWAT` that Sluice set; `nil` where it left the kernel's.
    public var notSentLowat: Int?
    /// `SO_MAX_PACING_RATE` that Sluice set, bytes per second; `nil`: unlimited.
    public var pacingRate: Int?
    /// Send buffer that Sluice set, bytes of memory as `SO_SNDBUF` reads back; `nil` where it left the kernel's.
    public var sendBuffer: Int?
    /// Window that Sluice lets the source's socket advertise, bytes; `nil` where it left the kernel's.
    public var sourceWindow: Int?
    /// Congestion control that the sending socket is under now, whoever chose it; `nil` for a Unix socket.
    public var congestionControl: String?
    /// Bytes unsent in the kernel at the last sample.
    public var unsentBytes: Int = 0
    public var retransmittedBytes: UInt64 = 0
    /// The last decision's reason.
    public var reason: Reason = .startup

    public init() {}
}
