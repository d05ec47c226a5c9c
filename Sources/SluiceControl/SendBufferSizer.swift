/// The send buffer of one socket, where the kernel's autotuning ends too early.
///
/// Autotuning stops at `tcp_wmem[2]`, 4 MiB on most systems: less than the bandwidth-delay product of a long fat path. The
/// kernel says exactly when that is the limit (`tcpi_sndbuf_limited`), and then the buffer doubles until it is not. It
/// holds what is in flight and what waits; the latter has its own limit, so a large buffer is no queue.
///
/// Sizes are bytes of truesize, as `SO_SNDBUF` reads back.
struct SendBufferSizer: Sendable {
    /// Twice what the autotuning of most systems reaches.
    static let firstBytes = 8 << 20
    /// In flight, as much again that was sent and not acknowledged when the window doubles, and the kernel's overhead.
    private static let windows = 3.0

    private(set) var bytes: Int?

    /// - Parameter congestionWindow: bytes.
    mutating func noteLimited(congestionWindow: Double, ceiling: Int) {
        let wanted = max(Double(bytes.map { 2 * $0 } ?? Self.firstBytes), Self.windows * congestionWindow)
        let size = Int(min(wanted, Double(ceiling)))
        if size > bytes ?? 0 { bytes = size }
    }
}
