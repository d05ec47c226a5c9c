/// The relay buffer's target of one direction.
///
/// It grows at once, when a read fills it: waiting for a sample would hold a bulk flow on a fast path back.
/// It shrinks at samples only, when the flow has no more use for it.
///
/// Invariants: floor <= target <= ceiling; target is a power of two, or the ceiling.
struct RingSizer: Sendable {
    static let floorBytes = 4 << 10
    static let startBytes = 16 << 10
    /// Small reads cost little memory, but many calls: a reader that is only slow now and then still gets
    /// this much.
    static let leastUnmeasuredBound = 64 << 10

    private var targetBytes: UInt32
    /// How far reads may grow the target until the next sample. Below the ceiling while the sink is the
    /// limit: then the source always has more than fits, and full reads are no reason to take it in.
    private var growthLimit: UInt32
    private let ceiling: UInt32

    /// Since the last sample; `previousLargest` in the interval before.
    private var largestRead: UInt32 = 0
    private var previousLargest: UInt32 = 0
    private var reads: UInt16 = 0
    private var filledReads: UInt16 = 0

    init(ceiling: Int) {
        self.ceiling = UInt32(clamping: max(ceiling, 1))
        growthLimit = self.ceiling
        targetBytes = min(UInt32(Self.startBytes), self.ceiling)
    }

    /// A ring of constant size.
    init(constant bytes: Int) {
        ceiling = UInt32(clamping: max(bytes, 1))
        growthLimit = ceiling
        targetBytes = ceiling
    }

    var target: Int { Int(targetBytes) }

    /// Whether the sink was the limit at the last sample.
    var isBounded: Bool { growthLimit < ceiling }

    mutating func noteRead(bytes: Int, filled: Bool) {
        largestRead = max(largestRead, UInt32(clamping: bytes))
        if reads < .max { reads += 1 }
        guard filled else { return }
        if filledReads < .max { filledReads += 1 }
        guard targetBytes < growthLimit else { return }
        // Three full reads lead from the start to 1 MiB.
        let (grown, overflow) = targetBytes.multipliedReportingOverflow(by: 4)
        targetBytes = overflow ? growthLimit : min(grown, growthLimit)
    }

    /// Whether nearly every read since the last sample was full: the source has more than Sluice takes.
    var isSourceAhead: Bool {
        reads >= 4 && UInt32(filledReads) * 8 >= UInt32(reads) * 7
    }

    /// Ends an interval. `bytes`: what the flow's rate calls for. `isBounded`: the sink is the limit, so that
    /// reads may not grow the ring past that.
    mutating func resize(for bytes: Double, isBounded: Bool) {
        var demand = min(max(bytes, 0), Double(ceiling))
        if !isBounded {
            // One read per message, for messages of a size that was just seen.
            demand = max(demand, Double(max(largestRead, previousLargest)))
        }
        // Between three eighths and the whole of the target nothing changes: a rate that swings a little
        // around a power of two must not turn into a stream of decisions.
        let current = Double(targetBytes)
        if demand > current || demand <= current * 3 / 8 {
            targetBytes = roundedUp(UInt32(demand))
        }
        growthLimit = isBounded ? targetBytes : ceiling
        hold()
    }

    /// Ends an interval that has shown too little to change anything.
    mutating func hold() {
        previousLargest = largestRead
        largestRead = 0
        reads = 0
        filledReads = 0
    }

    private func roundedUp(_ bytes: UInt32) -> UInt32 {
        var size = min(UInt32(Self.floorBytes), ceiling)
        while size < bytes, size < ceiling {
            let (doubled, overflow) = size.multipliedReportingOverflow(by: 2)
            size = overflow ? ceiling : min(doubled, ceiling)
        }
        return size
    }
}
