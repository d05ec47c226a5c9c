/// The send buffer of one socket, where the kernel's autotuning ends too early.
///
/// Autotuning stops at `tcp_wmem[2]`, 4 MiB on most systems: less than the bandwidth-delay product of a long fat path. The
/// kernel says exactly when that is the limit (`tcpi_sndbuf_limited`), and then the buffer doubles until it is not. It
/// holds what is in flight and what waits; the latter has a limit of its own (`mostUnsent`), so that a large buffer is no queue.
///
/// In slow start that is too late: what a raised buffer had held back leaves in one burst, whose queue ends slow start (HyStart++,
/// RFC 9406) far below the line's rate, and CUBIC takes a minute for the rest. So it is raised before, as the congestion
/// window nears what the autotuning can carry.
///
/// Sizes are bytes of truesize, as `SO_SNDBUF` reads back.
struct SendBufferSizer: Sendable {
    /// Twice what the autotuning of most systems reaches.
    static let firstBytes = 8 << 20
    /// In flight, as much again that was sent and not acknowledged when the window doubles, and the kernel's overhead.
    private static let windows = 3.0
    /// A congestion window, bytes, that has two doublings left until 4 MiB are full.
    private static let nearlyLimited = Double(1 << 20)
    /// The window may double twice before the next sample shows it, and as much may have been acknowledged and not freed.
    private static let windowsAhead = 8.0

    private(set) var bytes: Int?

    /// What may wait unsent in a buffer that was raised: no more than in one that was not, or a quarter.
    var mostUnsent: Int? { bytes.map { max(UnsentLimit.unlimitedBytes, $0 / 4) } }

    /// - Parameter congestionWindow: bytes.
    mutating func noteLimited(congestionWindow: Double, ceiling: Int) {
        let wanted = max(Double(bytes.map { 2 * $0 } ?? Self.firstBytes), Self.windows * congestionWindow)
        raise(to: wanted, ceiling: ceiling)
    }

    /// The same before it is the limit.
    mutating func prepare(congestionWindow: Double, ceiling: Int) {
        guard congestionWindow >= Self.nearlyLimited,
            Double(bytes ?? 0) < Self.windowsAhead / 2 * congestionWindow
        else { return }
        raise(to: max(Double(Self.firstBytes), Self.windowsAhead * congestionWindow), ceiling: ceiling)
    }

    private mutating func raise(to wanted: Double, ceiling: Int) {
        let size = Int(min(wanted, Double(ceiling)))
        if size > bytes ?? 0 { bytes = size }
    }
}
