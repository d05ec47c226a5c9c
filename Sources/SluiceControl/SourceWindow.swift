/// The window that a direction advertises to its source: how much the source may send ahead of what the sink has taken.
///
/// What a slow reader has not read sits mostly on the way to Sluice: in its receive buffer, and in the source's send
/// buffer, which grows with what the window lets through and never shrinks. And what was advertised once cannot be taken back: the
/// right edge only moves on (RFC 9293, 3.8.6), so a window that is too large by some megabytes is a queue that nobody can shorten until
/// they have come. So the window starts small and opens as far as it is used: to twice what the sink takes in one round
/// trip, four times while that still doubles, and some segments, which is what slow start may fill one round trip later (as
/// tcp_rcv_space_adjust has it, whose round trip is the present one, though: with a queue on the path that one grows with the
/// window). It is given back to the
/// kernel's autotuning once it is larger than any path's start needs. While
/// the sink is the limit, it is what the sink takes within the budget. Where the queue is on the path from the source, it
/// is this flow's share of the bottleneck (see `Bottleneck`).
struct SourceWindow: Sendable {
    static let leastBytes = 16 << 10
    /// From here on the kernel's autotuning does it.
    static let openBytes = 4 << 20
    /// Four segments: two are on the way while the answer to two others comes back.
    private static let leastHeld = 4 * 1448
    fileprivate static let slack = 16 * 1448
    /// The loop has to come to this connection, too, and counts milliseconds.
    fileprivate static let leastRound: UInt32 = 5

    /// `nil`: the kernel's autotuning.
    private(set) var bytes: Int?
    /// Taken by the sink in the present round trip.
    private var taken = 0
    /// And in the one before.
    private var takenBefore = 0
    /// Milliseconds.
    private var roundStart: UInt32 = 0
    /// When the present doubling began, milliseconds, and from which size.
    private var grownAt: UInt32 = 0
    private var bytesBefore = 0
    /// The sink has refused something since the last sample.
    private(set) var wasSinkFull = false

    mutating func begin(at first: Int) {
        guard bytes == nil else { return }
        bytes = first
    }

    /// What bounds the opening.
    struct Pace: Sendable {
        /// Of the path from the source, milliseconds.
        var sourceRoundTrip: UInt32
        /// Of the path to the sink, milliseconds: its sender's slow start doubles once in it.
        var sinkRoundTrip: UInt32
        /// Bytes per second that arrive at the sink, while its kernel holds more than it may send; infinite: it does not. What the
        /// kernel swallows nobody has taken.
        var sinkRate = Double.infinity
        /// Segments are missing: what comes behind a gap waits for a round trip, and has to have room.
        var hasGaps = false

        fileprivate var round: UInt32 { max(sourceRoundTrip, SourceWindow.leastRound) }

        /// Bytes: what slow start may take until the next sample but one.
        fileprivate var ceiling: Double { 4 * sinkRate * Double(round) / 1000 + Double(SourceWindow.slack) }
    }

    /// - Parameter time: milliseconds.
    /// - Returns: whether the window changed.
    mutating func noteWritten(bytes written: Int, all: Bool, pace: Pace, at time: UInt32) -> Bool {
        guard all else {
            taken = 0
            wasSinkFull = true
            return false
        }
        guard let bytes else { return false }
        if bytesBefore == 0 {
            // What the sink's kernel swallows at the start has not left it before a round trip is over.
            bytesBefore = bytes / 2
            grownAt = time
        } else if time &- grownAt >= pace.sinkRoundTrip {
            bytesBefore = bytes
            grownAt = time
        }
        if time &- roundStart > pace.round {
            takenBefore = taken
            taken = 0
            roundStart = time
        }
        taken += written
        let used = (pace.hasGaps ? 4 : 2) * ahead + Self.slack
        let wanted = min(used, 2 * bytesBefore, Int(min(pace.ceiling, Double(Self.openBytes))))
        // By a quarter at least: each change is a call of the kernel.
        guard wanted >= bytes + bytes / 4 || wanted >= Self.openBytes else { return false }
        self.bytes = wanted >= Self.openBytes ? nil : wanted
        return true
    }

    /// What a round trip takes, or, in slow start, the next one will: the sender is told of room a round trip before it uses that. Less
    /// than half as much again is no slow start.
    private var ahead: Int {
        guard 2 * taken > 3 * takenBefore, takenBefore > 0 else { return taken }
        return Int(Double(taken) * min(Double(taken) / Double(takenBefore), 2))
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
        let size = max(size, Self.leastHeld)
        guard let bytes, abs(size - bytes) * 32 < bytes else {
            bytes = size
            return
        }
    }

    /// Ends a sample's interval.
    mutating func settle() { wasSinkFull = false }
}
