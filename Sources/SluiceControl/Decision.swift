/// Something that the controller can set on a connection.
public enum Actuator: String, Sendable, Hashable, CaseIterable {
    /// The relay buffer of one direction, in user space.
    case ring
    /// `TCP_NOTSENT_LOWAT` of the direction's sending socket.
    case notSentLowat = "notsent_lowat"
    /// `SO_MAX_PACING_RATE` of the direction's sending socket.
    case pacing
    /// `SO_SNDBUF` of the direction's sending socket.
    case sendBuffer = "send_buffer"
    /// `SO_RCVBUF` and `TCP_WINDOW_CLAMP` of the direction's receiving socket: the window that its sender is told.
    case sourceWindow = "source_window"
    /// `TCP_CONGESTION` of a socket.
    case congestionControl = "congestion_control"
}

/// A set of actuators: those that a route forbids, the kernel refuses, or the measurements have withdrawn.
public struct ActuatorSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public init(_ actuator: Actuator) {
        switch actuator {
        case .ring: self = .ring
        case .notSentLowat: self = .notSentLowat
        case .pacing: self = .pacing
        case .sendBuffer: self = .sendBuffer
        case .sourceWindow: self = .sourceWindow
        case .congestionControl: self = .congestionControl
        }
    }

    public static let ring = ActuatorSet(rawValue: 1 << 0)
    public static let notSentLowat = ActuatorSet(rawValue: 1 << 1)
    public static let pacing = ActuatorSet(rawValue: 1 << 2)
    public static let sendBuffer = ActuatorSet(rawValue: 1 << 3)
    public static let sourceWindow = ActuatorSet(rawValue: 1 << 4)
    public static let congestionControl = ActuatorSet(rawValue: 1 << 5)
    public static let all: ActuatorSet = [
        .ring, .notSentLowat, .pacing, .sendBuffer, .sourceWindow, .congestionControl,
    ]
}

/// Why the controller decided what it decided.
public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Nothing is measured yet: the class's starting values.
    case startup
    /// The source has nothing more to send.
    case appLimited = "app_limited"
    /// The kernel's send buffer is smaller than the path's bandwidth-delay product, or is about to be.
    case sendBufferLimited = "send_buffer_limited"
    /// The receiver's window is the limit: the far end reads slowly.
    case receiverLimited = "receiver_limited"
    /// The round-trip time stands well above its floor: a queue is building on the path.
    case queueBuilding = "queue_building"
    /// Retransmissions hold the flow back.
    case lossLimited = "loss_limited"
    /// The path itself is the limit, and the kernel handles it.
    case networkLimited = "network_limited"
    /// A queue stays whatever this flow does: somebody else fills it, and yielding would only lose the link to them.
    case competitor
    /// The peer is on this host: there is no path between.
    case localPeer = "local_peer"
    /// The flow class was corrected.
    case classChanged = "class_changed"
    /// The path carries clearly more than when a queue stood last: its rate is looked for by doubling.
    case fasterPath = "faster_path"
    /// BBR goes by a rate that is far below the line's, after a slow reader or a startup with losses: it begins anew.
    case outdatedRate = "outdated_rate"
}

/// A congestion control by the kernel's name for it, at most 15 bytes (`TCP_CA_NAME_MAX`, include/net/tcp.h).
public struct CongestionControl: Sendable, Hashable {
    public let name: String

    /// `nil`: no congestion control can have this name.
    public init?(_ name: String) {
        guard (1...15).contains(name.utf8.count), !name.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F })
        else {
            return nil
        }
        self.name = name
    }

    private init(known name: String) { self.name = name }

    /// Bottleneck bandwidth and round-trip propagation time: holds its rate through losses that are no sign of a queue.
    public static let bbr = CongestionControl(known: "bbr")
    public static let cubic = CongestionControl(known: "cubic")
    public static let reno = CongestionControl(known: "reno")
}

/// What is to be set for one direction, and why.
///
/// A complete state, not a change: whoever applies it compares it with what is set.
public struct Decision: Sendable, Hashable {
    public var reason: Reason
    /// Relay buffer target, bytes.
    public var ringBytes: Int
    /// `TCP_NOTSENT_LOWAT` for the sending socket, bytes. `nil`: the kernel's default. Writing 0 returns to
    /// it (`tcp_notsent_lowat` in include/net/tcp.h) when an earlier decision has set a value.
    public var notSentLowat: Int?
    /// `SO_MAX_PACING_RATE` for the sending socket, bytes per second. `nil`: unlimited.
    public var pacingRate: UInt64?
    /// Memory that the sending socket may use, bytes of truesize (what `SO_SNDBUF` reads back). `nil`: the kernel's autotuning.
    public var sendBuffer: Int?
    /// Window that the source's socket advertises, bytes. `nil`: the kernel's autotuning.
    public var sourceWindow: Int?
    /// Congestion control of the sending socket. `nil`: the one that it was born with.
    public var congestionControl: CongestionControl?

    public init(reason: Reason, ringBytes: Int, notSentLowat: Int? = nil) {
        self.reason = reason
        self.ringBytes = ringBytes
        self.notSentLowat = notSentLowat
    }
}
