/// Who decides a connection's buffer sizes.
public enum Policy: Sendable, Hashable {
    /// The controller, from what it measures.
    case adaptive
    /// The kernel alone: Sluice sets no socket option, and its ring follows the throughput.
    case kernel
    /// Fixed sizes, as other proxies have them: the baseline to compare with.
    case fixed(StaticSizes)
}

/// The sizes of a `Policy.fixed` connection.
public struct StaticSizes: Sendable, Hashable {
    /// Relay buffer of each direction, in bytes.
    public var ringBytes: Int
    /// `TCP_NOTSENT_LOWAT` of both sockets, in bytes. `nil` leaves the kernel's default.
    public var notSentLowat: Int?

    public init(ringBytes: Int, notSentLowat: Int? = nil) {
        self.ringBytes = ringBytes
        self.notSentLowat = notSentLowat
    }
}
