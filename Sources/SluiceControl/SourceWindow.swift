/// The window that a direction advertises to its source: how much the source may send ahead of what the sink has taken.
///
/// What a slow reader has not read sits mostly on the way to Sluice: in its receive buffer, and in the source's send
/// buffer, which grows with what the window lets through and never shrinks. So the window starts small, opens as
/// fast as the sink takes, and is given back to the kernel's autotuning once it is larger than any path's start needs. While
/// the sink is the limit, it is what the sink takes within the budget. Where the queue is on the path from the source, it
/// is this flow's share of the bottleneck (see `Bottleneck`).
struct SourceWindow: Sendable {
    /// As the kernel's own first window (`tcp_rmem[1]`, half of which is advertised).
    static let firstBytes = 64 << 10
    static let leastBytes = 32 << 10
    /// From here on the kernel's autotuning does it.
    static let openBytes = 4 << 20

    /// `nil`: the kernel's autotuning.
    private(set) var bytes: Int?
    /// Taken by the sink since the window last grew.
    private var credit = 0
    /// The sink has refused something since the last sample.
    private(set) var wasSinkFull = false

    mutating func begin() {
        guard bytes == nil else { return }
        bytes = Self.firstBytes
    }

    /// - Returns: whether the window changed.
    mutating func noteWritten(bytes written: Int, all: Bool) -> Bool {
        guard all else {
            credit = 0
            wasSinkFull = true
            return false
        }
        guard let bytes else { return false }
        credit += written
        // Half a window taken, and nothing left behind: the sink is faster than the window.
        guard credit >= bytes / 2 else { return false }
        credit = 0
        self.bytes = bytes >= Self.openBytes / 2 ? nil : 2 * bytes
        return true
    }

    /// The sink is the limit. It takes `rate` bytes a second; the source answers within `roundTrip` seconds.
    mutating func bound(rate: Double, budget: Double, roundTrip: Double) {
        // What comes in while the source hears of room, twice, since its answer has to be there before.
        let wanted = Int(min(rate * (budget + 2 * roundTrip), Double(Self.openBytes)))
        let size = max(wanted, Self.leastBytes)
        guard let bytes else {
            if size < Self.openBytes { self.bytes = size }
            return
        }
        if size > bytes || size < bytes - bytes / 4 { self.bytes = size }
    }

    /// The path from the source is the limit.
    mutating func hold(_ size: Int) {
        let size = max(size, Self.leastBytes / 4)
        guard let bytes, abs(size - bytes) * 32 < bytes else {
            bytes = size
            return
        }
    }

    mutating func release() { bytes = nil }

    /// Ends a sample's interval.
    mutating func settle() { wasSinkFull = false }
}
