/// Who decides a connection's buffer sizes.
public enum Policy: Sendable, Hashable {
    /// The controller, from what it measures.
    case adaptive
    /// The kernel alone: Sluice sets no socket option, and its ring follows the throughput.
    case kernel
    /// Fixed sizes, as other proxies have them: the baseline to compare with.
    case fixed(StaticSizes)
}

/// The sizes of a `Policy.fixed` connection. `nil` leaves the kernel's default, or its autotuning.
public struct StaticSizes: Sendable, Hashable {
    /// Relay buffer of each direction, in bytes.
    public var ringBytes: Int
    /// `TCP_NOTSENT_LOWAT` of both sockets, in bytes.
    public var notSentLowat: Int?
    /// `SO_SNDBUF` of both sockets, in bytes of payload: the kernel doubles it for its own overhead (socket(7)).
    public var sendBuffer: Int?
    /// `SO_RCVBUF` of both sockets, in bytes of payload: doubled likewise. Set after the handshake, so that it does not narrow
    /// the window scale.
    public var receiveBuffer: Int?
    /// `TCP_CONGESTION` of both sockets.
    public var congestionControl: CongestionControl?

    public init(
        ringBytes: Int,
        notSentLowat: Int? = nil,
        sendBuffer: Int? = nil,
        receiveBuffer: Int? = nil,
        congestionControl: CongestionControl? = nil
    ) {
        self.ringBytes = ringBytes
        self.notSentLowat = notSentLowat
        self.sendBuffer = sendBuffer
        self.receiveBuffer = receiveBuffer
        self.congestionControl = congestionControl
    }
}
