/// Something that the controller can set on a connection.
public enum Actuator: String, Sendable, Hashable, CaseIterable {
    /// The relay buffer of one direction, in user space.
    case ring
    /// `TCP_NOTSENT_LOWAT` of the direction's sending socket.
    case notSentLowat = "notsent_lowat"
    /// `TCP_CONGESTION` of a socket.
    case congestionControl = "congestion_control"
}

/// Why the controller decided what it decided.
public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Nothing is measured yet: the class's starting values.
    case startup
    /// The source has nothing more to send.
    case appLimited = "app_limited"
    /// The kernel's send buffer is smaller than the path's bandwidth-delay product.
    case sendBufferLimited = "send_buffer_limited"
    /// The receiver's window is the limit: the far end reads slowly.
    case receiverLimited = "receiver_limited"
    /// The round-trip time stands well above its floor: a queue is building on the path.
    case queueBuilding = "queue_building"
    /// Retransmissions hold the flow back.
    case lossLimited = "loss_limited"
    /// The path itself is the limit, and the kernel handles it.
    case networkLimited = "network_limited"
    /// The peer is on this host: there is no path between.
    case localPeer = "local_peer"
    /// The flow class was corrected.
    case classChanged = "class_changed"
}

/// New sizes for one direction, and why.
public struct Decision: Sendable, Hashable {
    public var reason: Reason
    /// Relay buffer target, bytes.
    public var ringBytes: Int
    /// `TCP_NOTSENT_LOWAT` for the sending socket, bytes. `nil`: the kernel's default. Writing 0 returns to
    /// it (`tcp_notsent_lowat` in include/net/tcp.h) when an earlier decision has set a value.
    public var notSentLowat: Int?

    public init(reason: Reason, ringBytes: Int, notSentLowat: Int?) {
        self.reason = reason
        self.ringBytes = ringBytes
        self.notSentLowat = notSentLowat
    }
}
