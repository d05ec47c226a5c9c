/// `TCP_NOTSENT_LOWAT` of one sending socket: how much may wait in the kernel before its first transmission.
///
/// The kernel takes writes up to X, and wakes the writer when less than X/2 waits. Whatever passes X is one
/// GSO segment (64 KiB) at most. Autotuning of the send buffer stays on.
///
/// Invariant: the limit is a power of two between `floorBytes` and `unlimitedBytes` / 2, or none, or what the
/// configuration names.
struct UnsentLimit: Sendable {
    /// Half of it has to outlast the time that the loop takes to answer. It was measured to hold 36 to 47 KB
    /// in all, so that a lower one would have little to win.
    static let floorBytes = 16 << 10
    /// `tcp_wmem[2]` of most systems: the kernel queues no more in any case, unless its buffer was raised (`SendBufferSizer`). Where
    /// this much is allowed, a limit would only cost wake-ups: loopback, and fast LANs.
    static let unlimitedBytes = 4 << 20

    private static let none = UInt32.max
    private static let closed = UInt32.max
    private static let mostStarvations: UInt8 = 6
    /// What the kernel swallows of a write beyond the limit: ten segments leave at once (RFC 6928), and a write is not cut.
    private static let swallowed: Int32 = 32 << 10
    /// Milliseconds in which the sink's pace is counted while the limit opens.
    private static let openingSpan: UInt32 = 1000

    /// `none`, or the limit.
    private var limit: UInt32
    /// What the sink has taken in the present span, less what its kernel alone may have swallowed, bytes.
    private var taken: Int32 = 0
    /// When the span began, milliseconds; 0: there was none yet; `closed`: a sample has found what the path carries.
    private var spanStart: UInt32 = 0
    /// How often the budget has been doubled because it had starved the flow.
    private var starvations: UInt8 = 0

    /// `nil`: the kernel's default.
    var bytes: Int? { limit == Self.none ? nil : Int(limit) }

    init(_ bytes: Int?) {
        limit = Self.none
        guard let bytes else { return }
        limit = Self.roundedDown(Double(bytes))
    }

    /// A limit that the configuration names, to the byte.
    init(constant bytes: Int?) {
        limit = bytes.map { UInt32(clamping: $0) } ?? Self.none
    }

    /// The kernel ran dry because of this limit. Remembered for as long as the class stays: a loop that once
    /// answered too late will do so again.
    mutating func noteStarved() {
        if starvations < Self.mostStarvations { starvations += 1 }
    }

    /// Moves towards `budget` bytes. Rises at once, though only by a whole step and a quarter, so that a
    /// bandwidth that swings around a power of two changes nothing.
    mutating func resize(for budget: Double, mayShrink: Bool) {
        if mayShrink { spanStart = Self.closed }
        let wanted = max(budget, 0) * Double(1 << Int(starvations))
        let current = Double(min(limit, UInt32(Self.unlimitedBytes)))
        if wanted >= current * 2.5 || (wanted < current && mayShrink) {
            limit = Self.roundedDown(wanted)
        }
    }

    /// The sink has taken `written` bytes. Until samples know the path the limit follows what leaves, as slow start does: a
    /// sample comes a round trip late, or ten.
    /// - Parameters:
    ///   - budget: seconds of what leaves that may wait.
    ///   - roundTrip: of the path to the sink, milliseconds.
    /// - Returns: whether the limit has changed.
    mutating func noteWritten(_ written: Int, budget: Double, roundTrip: UInt32, at time: UInt32) -> Bool {
        guard spanStart != Self.closed, limit != Self.none else { return false }
        if spanStart == 0 || time &- spanStart > Self.openingSpan { beginSpan(at: time) }
        taken = Int32(clamping: Int(taken) + written)
        guard taken > 0 else { return false }
        let elapsed = max(time &- spanStart, roundTrip, 1)
        let wanted = Double(taken) * 1000 / Double(elapsed) * budget
        guard wanted >= Double(limit) * 2.5 else { return false }
        limit = Self.roundedDown(wanted)
        beginSpan(at: time)
        return true
    }

    private mutating func beginSpan(at time: UInt32) {
        spanStart = time
        taken = -Int32(min(limit, UInt32(Self.unlimitedBytes))) - Self.swallowed
    }

    private static func roundedDown(_ bytes: Double) -> UInt32 {
        var size = UInt32(floorBytes)
        while size < unlimitedBytes, Double(size * 2) <= bytes { size *= 2 }
        return size < unlimitedBytes ? size : none
    }
}
