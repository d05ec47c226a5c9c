import Glibc
import SluiceRandom

/// The bottleneck of a path: one queue that drops what does not fit, in front of a wire that loses and delays.
///
/// The wire's delay is both ways in one: a burst's way to the receiver and the answer's way back take half of it each. What comes
/// before the bottleneck takes no time.
final class SimulatedLink {
    /// Bytes of payload in a full segment: an Ethernet path with timestamps. Headers are not counted anywhere.
    static let segment = 1448

    struct Options {
        var rate: RateSchedule
        /// Seconds there and back without a queue.
        var roundTrip: Double
        /// Bytes.
        var queueCapacity: Double
        /// Chance of every segment to be lost on the wire.
        var lossChance = 0.0
        /// Up to so many seconds more for each burst, evenly; bursts never pass each other.
        var jitter = 0.0
        /// A route change moves `roundTrip` by so many seconds from then on. In the order of their times.
        var roundTripChanges: [(time: Double, seconds: Double)] = []

        init(rate: RateSchedule, roundTrip: Double, queueCapacity: Double) {
            self.rate = rate
            self.roundTrip = roundTrip
            self.queueCapacity = queueCapacity
        }
    }

    /// What became of a burst.
    struct Passage {
        /// When the last byte has left the queue.
        var departure: Double
        /// A run of segments that never arrives: the first, counted from the burst's start, and how many.
        var firstLost = 0
        var lost = 0
    }

    private(set) var options: Options
    /// Bytes that are sent at once at most: a millisecond of the rate, as TSO autosizing has it (`tcp_tso_autosize`), and an
    /// eighth of what the path holds.
    let quantum: Int
    private var random: SplitMix64
    /// The queue's end, as the bytes that the link carries until it is empty.
    private var queueEnd = 0.0
    private var segmentsToLoss = Int.max
    private(set) var droppedSegments = 0

    init(_ options: Options, seed: UInt64) {
        self.options = options
        random = SplitMix64(seed: seed)
        var schedule = options.rate
        let rate = schedule.rate(at: 0)
        let most = min(rate / 1000, rate * options.roundTrip / 8, 44 * Double(Self.segment))
        quantum = max(Int(most) / Self.segment, 1) * Self.segment
        drawLoss()
    }

    /// Puts a burst of `bytes` into the queue.
    /// - Parameter mayLose: whether the wire may lose any of it, too, and not only the queue.
    func send(_ bytes: Int, mayLose: Bool = true, at time: Double) -> Passage {
        let segments = (bytes + Self.segment - 1) / Self.segment
        var passage = Passage(departure: 0)
        if mayLose { lose(segments, &passage) }

        let carried = options.rate.carried(until: time)
        let backlog = max(queueEnd - carried, 0)
        var kept = bytes - passage.lost * Self.segment
        if kept < 0 { kept = 0 }
        if backlog + Double(kept) > options.queueCapacity {
            let room = Int(max(options.queueCapacity - backlog, 0)) / Self.segment
            // A queue is never too small for the packet that it sends.
            let fitting = backlog == 0 ? max(room, 1) : room
            if fitting < segments - passage.lost { drop(segments, keeping: fitting, &passage) }
            kept = min(kept, fitting * Self.segment)
        }
        queueEnd = max(queueEnd, carried) + Double(kept)
        passage.departure = options.rate.time(ofCarried: queueEnd)
        return passage
    }

    /// Seconds that the wire takes there and back, for something that leaves the queue now.
    func roundTrip(at time: Double) -> Double {
        var seconds = options.roundTrip
        for change in options.roundTripChanges where change.time <= time { seconds += change.seconds }
        return seconds
    }

    /// Seconds that a burst is held up by something else.
    func drawJitter() -> Double {
        options.jitter > 0 ? random.nextFraction() * options.jitter : 0
    }

    /// Seconds until what arrives now leaves the queue.
    func queueDelay(at time: Double) -> Double {
        let carried = options.rate.carried(until: time)
        return queueEnd > carried ? options.rate.time(ofCarried: queueEnd) - time : 0
    }

    /// Random loss is drawn as the distance to the next loss: one draw a loss, not one a segment.
    private func lose(_ segments: Int, _ passage: inout Passage) {
        guard segmentsToLoss < segments else {
            if segmentsToLoss != .max { segmentsToLoss -= segments }
            return
        }
        passage.firstLost = segmentsToLoss
        var position = segmentsToLoss
        while position < segments {
            passage.lost += 1
            drawLoss()
            position += 1 + segmentsToLoss
        }
        segmentsToLoss = position - segments
        // Kept as one run.
        passage.firstLost = min(passage.firstLost, segments - passage.lost)
    }

    private func drop(_ segments: Int, keeping fitting: Int, _ passage: inout Passage) {
        droppedSegments += segments - passage.lost - fitting
        passage.lost = segments - fitting
        passage.firstLost = fitting
    }

    private func drawLoss() {
        guard options.lossChance > 0 else { return }
        segmentsToLoss = Int(log(1 - random.nextFraction()) / log(1 - options.lossChance))
    }
}
