/// Keeps the queue of one bottleneck short, and the bottleneck busy: a rate for all flows through it together.
///
/// The kernel's loss-based congestion control fills whatever queue there is; this one holds it at a small target. While a
/// queue stands, what is delivered is what the line can carry, to the byte: that is the bandwidth, and the rate is set so
/// that the queue's excess over the target has drained one step later. While no queue stands, the bandwidth is only known to be
/// at least what is delivered, and the rate grows step by step until there is one.
///
/// It lets go where it cannot help: when the queue turns out not to be these flows' own (`RateResponse`, `WindowResponse`),
/// somebody else fills it, or the path has become longer. The first time it takes the new round-trip time for the
/// path's own; the second time within `raiseMemory` it takes it for a competitor, and leaves the flows to the
/// kernel for a while.
///
/// A value: times are monotonic microseconds, rates bytes per second.
struct QueueGovernor: Sendable {
    /// What the rate is turned into.
    enum Lever: Sendable {
        /// A pacing rate at the sender: it must fall below the bandwidth for a queue to drain.
        case rate
        /// A window that the receiver advertises: bytes in flight are bounded, so a queue drains by itself.
        case window
    }

    enum State: UInt8, Sendable { case free, holding }

    /// What is known at one step, over all flows.
    struct Observation: Sendable {
        /// Bytes per second that arrived since the last step.
        var delivered: Double
        /// The kernel's own newest measurement of the same, between two answers; 0: unknown.
        var sampled = 0.0
        /// Smoothed, microseconds: the lowest that any backlogged flow sees.
        var roundTrip: Double
        /// The path's own, microseconds.
        var floor: Double
        var lever: Lever
        /// Bytes that leave together.
        var burst = QueueGovernor.leastBurst
        /// How many flows have more to send than they may.
        var flows = 1.0
        /// Whether what the last step asked for shows already: a window takes its time to shrink.
        var isSet = true
    }

    enum Verdict: Sendable, Equatable {
        /// Left to the kernel.
        case free
        /// All flows together may send this much, bytes per second.
        case hold(Double)
        /// As `hold`; and the path's own round-trip time has become longer: it is the present one.
        case holdAndRaiseFloor(Double)
        /// From now on left to the kernel: somebody else fills the queue.
        case yield
    }

    private static let segment = 1448.0
    /// Two segments leave together everywhere (`tcp_min_tso_segs`).
    static let leastBurst = 2 * segment
    /// Beyond the burst itself, for what is not counted.
    private static let overBurst = 1.1
    /// And for a target, which a burst must not pass.
    private static let aboveBurst = 1.25
    /// Less queue than this is not worth a decision, and hard to tell from the noise of a busy machine.
    private static let leastTarget = 2000.0
    private static let leastQueue = 5000.0
    /// A path whose rate swings, a mobile one, may keep so much queue: what bridges its gaps.
    private static let mostTarget = 150_000.0
    /// In deviations: of a change that may be over soon, and of swings that last. A window does not fill the queue by itself when the
    /// line stands still, as a rate does, and may be larger.
    private static let bridge = 1.5
    private static let bridgeOfRate = 2.0
    private static let bridgeOfWindow = 3.0
    private static let leastGain = 0.35
    /// Several flows are told one after the other: the last one so much after the first.
    private static let round = 100_000.0
    /// After so many steps above the target the flows send so much less: either the queue drains, or it is not theirs.
    private static let patience: UInt8 = 8
    private static let plainly = 0.9
    private static let fullAfter: UInt8 = 3
    private static let weightOfSlower = 0.3
    private static let weightOfNoise = 0.3
    private static let settling: UInt8 = 5
    private static let raiseMemory: UInt64 = 10_000_000
    private static let leastYield: UInt64 = 10_000_000
    private static let mostYield: UInt64 = 60_000_000
    /// How often the flows send less, for one step, for a look at the path's own round-trip time: one that has become shorter
    /// hides behind the queue that the flows then keep.
    private static let dipInterval: UInt64 = 3_000_000
    private static let dip = 0.9
    private static let deepDip = 0.8
    /// A target may be many times what the path holds.
    private static let leastDip = 0.75

    private(set) var state = State.free
    /// Bytes per second that the line carries.
    private(set) var bandwidth = 0.0
    /// The queue that is aimed at, microseconds.
    private(set) var target = 0.0
    private var allowed = 0.0
    /// What the line carried in the last step without a rate, bytes per second.
    private var carried = 0.0
    private var lastStep: UInt64 = 0
    private var swing = QueueSwing()
    private var stepsAbove: UInt8 = 0
    private var search = RateSearch()
    /// As the bandwidth was when the queue was at its target last.
    private var drainedBandwidth = 0.0
    private var stepsHigh: UInt8 = 0
    private var raisedAt: UInt64?
    /// The path's own round-trip time before that, and the target.
    private var floorBeforeRaise = 0.0
    private var yieldsUntil: UInt64 = 0
    private var yieldFor = Self.leastYield
    private var dippedAt: UInt64 = 0
    /// The path's own round-trip time before a dip; 0: the last step was none.
    private var floorBeforeDip = 0.0
    private var hasFoundShorter = false
    /// Nothing arrived in the last step.
    private var wasSilent = false
    private var lastQueue = 0.0
    private var paceResponse = RateResponse()
    private var response = WindowResponse()
    private var wasSet = false
    /// Left until the last flow that joined has found its place.
    private var newcomerSteps: UInt8 = 0

    /// One step: at most one every round trip, since what was set before has to show first.
    mutating func step(_ seen: Observation, at time: UInt64) -> Verdict {
        let elapsed = min(Double(time.since(lastStep)), 1e6)
        lastStep = time
        defer { wasSilent = seen.delivered == 0 }
        if state == .holding, seen.delivered == 0 { return waitOutSilence() }
        let queue = max(seen.roundTrip - seen.floor, 0)
        let base = leastTarget(seen)
        swing.note(queue, expected: expectedQueue(seen, elapsed: elapsed), base: base)
        if newcomerSteps > 0 {
            newcomerSteps -= 1
            response.forget()
        }
        // A path that is as short as ever was no longer one.
        if raisedAt != nil, seen.roundTrip <= floorBeforeRaise + target { raisedAt = nil }
        if state == .free {
            let before = carried
            carried = firstBandwidth(seen, elapsed: elapsed)
            guard engages(queue, base: base, at: time) else { return .free }
            // A sender that answers to losses, or to the queue that it has made, may pause just now.
            engage(max(carried, before), queue: queue, at: time)
        }
        target = max(base, min(bridgingQueue(seen.lever), Self.mostTarget))
        if queue <= target {
            swing.noteDrained()
            drainedBandwidth = bandwidth
        }
        let isElsewhere = learn(seen, queue: queue, elapsed: elapsed, base: base)
        noteSlower()
        lastQueue = queue
        if isElsewhere { return letGo(of: seen.floor, at: time) }
        var gain = gain(queue, base: base, seen, elapsed: elapsed)
        if dips(floor: seen.floor, at: time) { gain = min(gain, dipGain(queue, seen, elapsed: elapsed)) }
        allowed = bandwidth * gain
        return .hold(allowed)
    }

    /// Whether the flows are left to the kernel because of a competitor.
    func hasYielded(at time: UInt64) -> Bool { time < yieldsUntil }

    /// No queue has stood for some steps: the rate is looked for, and need not be counted as finely.
    var isSearching: Bool { state == .holding && search.isQuick }

    /// The line carries clearly more than when a queue stood last, and nobody knows yet how much.
    var isFaster: Bool { state == .holding && search.hasFoundMore }

    /// No flow has had anything to send for a while.
    mutating func rest() {
        state = .free
        stepsAbove = 0
        stepsHigh = 0
        lastQueue = 0
        swing.forget()
        paceResponse.forget()
        response.forget()
    }

    /// Another flow begins: what it brings is no answer to what the others were given.
    mutating func noteNewcomer() {
        newcomerSteps = Self.settling
        wasSet = false
    }

    /// An outage says nothing of the line: its rate holds, and little is sent until there are answers again.
    private mutating func waitOutSilence() -> Verdict {
        allowed = bandwidth * Self.leastGain
        return .hold(allowed)
    }

    /// What several flows' own rate has made of the queue since the last step.
    private func expectedQueue(_ seen: Observation, elapsed: Double) -> Double? {
        guard state == .holding, seen.lever == .rate, seen.flows > 1 else { return nil }
        return max(lastQueue + (allowed / max(bandwidth, 1) - 1) * elapsed, 0)
    }

    /// A tenth of the path's round trip, and more than what a burst makes of an idle line.
    private func leastTarget(_ seen: Observation) -> Double {
        let rate = max(state == .free ? seen.delivered : bandwidth, 1)
        return max(Self.leastTarget, seen.floor / 10, Self.aboveBurst * burstDelay(seen, rate: rate))
    }

    /// What bridges the gaps of a line whose rate swings, microseconds.
    private func bridgingQueue(_ lever: Lever) -> Double {
        let lasting = lever == .rate ? Self.bridgeOfRate : Self.bridgeOfWindow
        return max(Self.bridge * swing.deviation, lasting * swing.lastingDeviation)
    }

    /// Less is no queue.
    private func nothing(_ seen: Observation) -> Double {
        guard seen.lever == .rate else { return target / 2 }
        return max(target / 2, min(Self.overBurst * burstDelay(seen, rate: max(bandwidth, 1)), target))
    }

    /// How much longer the round trip of a burst is than an idle line's, microseconds: of the segments that leave together the last
    /// one waits for all the others, and it may be the only one that is answered.
    private func burstDelay(_ seen: Observation, rate: Double) -> Double { seen.burst / rate * 1e6 }

    private mutating func engages(_ queue: Double, base: Double, at time: UInt64) -> Bool {
        let isAbove = queue > max(2 * base, Self.leastQueue) && time >= yieldsUntil
        stepsAbove = isAbove ? stepsAbove + 1 : 0
        return stepsAbove >= 2
    }

    /// Where a step brings few segments one more or less is a tenth of the rate, and what is too little takes seconds to grow: the
    /// kernel measures from answer to answer.
    private func firstBandwidth(_ seen: Observation, elapsed: Double) -> Double {
        max(seen.delivered, min(seen.sampled, seen.delivered + countingNoise(elapsed)))
    }

    private mutating func engage(_ bandwidth: Double, queue: Double, at time: UInt64) {
        state = .holding
        stepsAbove = 0
        search.end(at: bandwidth)
        self.bandwidth = bandwidth
        drainedBandwidth = bandwidth
        allowed = bandwidth
        swing.begin(at: queue)
        dippedAt = time
    }

    /// How much more, or less, than the line carries is sent.
    private mutating func gain(_ queue: Double, base: Double, _ seen: Observation, elapsed: Double) -> Double
    {
        guard queue <= target else {
            search.end(at: bandwidth)
            stepsHigh = min(stepsHigh + 1, Self.patience)
            return seen.lever == .window ? 1 : drainGain(queue, seen, elapsed: elapsed)
        }
        stepsHigh = 0
        guard queue >= nothing(seen) else { return growWithoutQueue(base: base, seen, elapsed: elapsed) }
        search.end(at: bandwidth)
        return 1
    }

    /// How long it takes until the next step shows, microseconds.
    private func horizon(_ seen: Observation, elapsed: Double) -> Double {
        max(elapsed, 100_000) + seen.roundTrip + (seen.flows > 1 ? Self.round : 0)
    }

    /// The rate that has the queue at its target one step later.
    private func drainGain(_ queue: Double, _ seen: Observation, elapsed: Double) -> Double {
        let gain = max(Self.leastGain, 1 - (queue - target) / horizon(seen, elapsed: elapsed))
        return stepsHigh >= Self.patience ? min(gain, Self.plainly) : gain
    }

    /// - Returns: whether what looks like a queue of these flows is none.
    private mutating func learn(_ seen: Observation, queue: Double, elapsed: Double, base: Double) -> Bool {
        // Half of an outage may be in it.
        guard !wasSilent else { return false }
        switch seen.lever {
        case .rate: return paces(seen, queue: queue, elapsed: elapsed)
        case .window: return bounds(seen, queue: queue, base: base)
        }
    }

    private mutating func paces(_ seen: Observation, queue: Double, elapsed: Double) -> Bool {
        learnBandwidth(seen.delivered, queue: queue, elapsed: elapsed)
        guard queue > target, lastQueue > target, newcomerSteps == 0 else {
            paceResponse.forget()
            return false
        }
        let found = paceResponse.judge(
            seen.delivered,
            allowed: allowed,
            elapsed: elapsed / 1e6
        )
        guard let found else { return false }
        bandwidth = found
        return true
    }

    /// A line that carries clearly less than when the queue was at its target last is another one.
    private mutating func noteSlower() {
        guard bandwidth < drainedBandwidth * QueueSwing.slower else { return }
        swing.noteSlower()
        drainedBandwidth = bandwidth
    }

    /// The same with a window: what is delivered while a queue stands is the line's rate, unless the round-trip time does not
    /// follow the window.
    private mutating func bounds(_ seen: Observation, queue: Double, base: Double) -> Bool {
        guard queue > target else {
            // On a steady path small steps add up: not before there is no queue at all it begins anew.
            if queue < target / 2 || isSwinging(base: base) { response.forget() }
            wasSet = seen.isSet
            bandwidth = max(bandwidth, seen.delivered)
            return false
        }
        let before = bandwidth
        // While a gap is repaired nothing comes in order, and a line whose rate swings has a queue when it is slow: the window bounds
        // what that may become.
        bandwidth += (seen.delivered > bandwidth ? 1 : Self.weightOfSlower) * (seen.delivered - bandwidth)
        // It has to have shown for a whole step: the round-trip time is a smoothed one.
        defer { wasSet = seen.isSet }
        guard seen.isSet, wasSet, newcomerSteps == 0 else { return false }
        guard let longer = response.judge(seen.delivered, roundTrip: seen.roundTrip, bandwidth: before)
        else { return false }
        bandwidth = longer
        return true
    }

    /// With a queue, what is delivered is the line's rate. More than was allowed: the queue drains. Less, and the queue grows:
    /// the line has become slower. Less, and it does not grow: the rest was lost on the way, or was never sent, and taking
    /// that for the line's rate would let the rate creep downwards.
    private mutating func learnBandwidth(_ delivered: Double, queue: Double, elapsed: Double) {
        guard queue > target / 2 else {
            bandwidth = max(bandwidth, delivered)
            return
        }
        if delivered >= bandwidth || delivered >= allowed * 1.02 && min(queue, lastQueue) > target {
            follow(delivered, elapsed: elapsed)
        } else if delivered <= allowed * 0.98, queue > lastQueue + 0.02 * elapsed || isFull(delivered) {
            bandwidth += 0.7 * (delivered - bandwidth)
        }
    }

    /// Where a step brings few segments, a pair more in it is no news, and only a part of it counts: taken whole, the noise would
    /// lead upwards only, since what is too much a queue takes.
    private mutating func follow(_ delivered: Double, elapsed: Double) {
        let more = max(delivered - bandwidth, 0)
        let noise = min(countingNoise(elapsed), more)
        bandwidth = delivered - noise * (1 - Self.weightOfNoise)
    }

    /// What a pair of segments makes of a rate that is counted over `elapsed` microseconds.
    private func countingNoise(_ elapsed: Double) -> Double { 2 * Self.segment / max(elapsed, 1) * 1e6 }

    /// Whether a queue that does not grow is one that cannot: more is sent than the line carries, beyond what loss explains, and has
    /// been for some steps.
    private func isFull(_ delivered: Double) -> Bool {
        stepsHigh >= Self.fullAfter && delivered <= allowed * 0.9
    }

    /// The queue is not these flows': the path is longer than `floor`, or somebody else fills it.
    private mutating func letGo(of floor: Double, at time: UInt64) -> Verdict {
        guard raises(from: floor, at: time) else {
            yield(at: time)
            return .yield
        }
        allowed = bandwidth
        return .holdAndRaiseFloor(allowed)
    }

    /// Takes the present round-trip time for the path's own, unless it has done so lately.
    private mutating func raises(from floor: Double, at time: UInt64) -> Bool {
        if let raisedAt, time.since(raisedAt) < Self.raiseMemory { return false }
        raisedAt = time
        floorBeforeRaise = floor
        return true
    }

    private mutating func yield(at time: UInt64) {
        rest()
        yieldsUntil = time + yieldFor
        // Should it be the same again afterwards, once is enough.
        raisedAt = yieldsUntil
        yieldFor = min(2 * yieldFor, Self.mostYield)
    }

    /// No more than leaves twice the target in the queue, should the line be full.
    private mutating func growWithoutQueue(base: Double, _ seen: Observation, elapsed: Double) -> Double {
        search.grow(
            from: bandwidth,
            isSwinging: isSwinging(base: base),
            safe: 1 + 2 * target / horizon(seen, elapsed: elapsed)
        )
    }

    private func isSwinging(base: Double) -> Bool { swing.deviation > 2 * base }

    /// Once every interval, and again as long as that finds a shorter path.
    private mutating func dips(floor: Double, at time: UInt64) -> Bool {
        hasFoundShorter = floorBeforeDip > 0 && floor < floorBeforeDip * 0.97
        guard hasFoundShorter || time.since(dippedAt) > Self.dipInterval else {
            floorBeforeDip = 0
            return false
        }
        dippedAt = time
        floorBeforeDip = floor
        return true
    }

    /// As much as empties the queue that is known; more, once a shorter path has shown.
    private func dipGain(_ queue: Double, _ seen: Observation, elapsed: Double) -> Double {
        // Nothing drains more slowly for a short window, so it can go below what the path holds at once.
        if seen.lever == .window {
            let below = hasFoundShorter ? Self.deepDip : Self.dip
            return max(below * seen.floor / (seen.floor + target), Self.leastDip)
        }
        let emptying = 1 - (queue + Self.leastTarget) / max(elapsed, 100_000)
        return hasFoundShorter ? Self.deepDip : max(Self.deepDip, emptying)
    }
}
