/// What the flows to one peer, in one direction, share: the bottleneck on their path.
///
/// Holds the flows' newest reports, the path's own round-trip time, and the governor of the queue, whose rate it shares
/// out: flows that have more to send than they may get equal parts of what the others leave. A value without I/O or a
/// clock. Whoever stores it hands it to each of the flows' controllers in turn.
public struct Bottleneck: Sendable {
    /// What one flow tells, with each of its samples.
    struct Report: Sendable {
        /// Bytes that arrived since its last report.
        var bytes: Double
        /// Seconds since then.
        var interval: Double
        /// What the kernel measured last, bytes per second; 0: unknown.
        var sampled = 0.0
        /// Smoothed, microseconds.
        var roundTrip: UInt32
        /// What the present one is at most, by what is in flight: the smoothed one may be an old one.
        var mostRoundTrip = UInt32.max
        /// Bytes that leave together.
        var burst = QueueGovernor.leastBurst
        /// Whether the flow had more to send than it might.
        var isBacklogged: Bool
        /// Whether its sender does not send what it may, for reasons of its own: what arrives says nothing of the line.
        var isPausing = false
        /// Whether its receiver was the limit.
        var isReceiverLimited = false
        /// Whether what this flow was given shows already.
        var isSet: Bool
    }

    /// What one flow may send.
    struct Share: Sendable, Equatable {
        /// Bytes per second. `nil`: left to the kernel.
        var rate: Double?
        /// Microseconds: the path's own round-trip time, and the queue that is aimed at.
        var floor: Double
        var target: Double
        /// Left to the kernel beside a competitor.
        var hasYielded: Bool
        /// The line has become faster than anybody knows (`QueueGovernor.isFaster`).
        var isFaster: Bool
    }

    private struct Member: Sendable {
        /// Bytes that arrived since the last step, and the seconds that the reports of them span: flows are not sampled at the same
        /// moments.
        var bytes = 0.0
        var span = 0.0
        /// Bytes per second, at the last step.
        var rate = 0.0
        var sampled = 0.0
        var roundTrip: UInt32 = 0
        var burst = 0.0
        var isBacklogged = false
        var isPausing = false
        var isReceiverLimited = false
        var isSet = true
        var isPresent = false
        /// Whether it has been given what the last step decided.
        var isTold = false
        var time: UInt64 = 0

        /// Ends a step.
        mutating func settle() {
            guard span > 0 else { return }
            rate = bytes / span
            bytes = 0
            span = 0
        }
    }

    /// A step waits for this long at least, microseconds: a little less than the samples' interval.
    private static let leastStep: UInt64 = 95_000
    private static let segmentsOfStep = 40.0
    private static let segmentsOfSearch = 10.0
    private static let floorWindow: UInt32 = 10_000
    /// A report older than this says nothing any more, microseconds.
    private static let reportLife: UInt64 = 1_500_000
    /// Without a backlogged flow the governor starts anew after this, microseconds; sooner where a reader is why there is none.
    private static let restAfter: UInt64 = 2_000_000
    private static let restAfterReader: UInt64 = 500_000

    private var members: [Member] = []
    private var floor: WindowedBest<UInt32>?
    private var governor = QueueGovernor()
    private var lastStep: UInt64 = 0
    /// When the last one of the flows was given its share.
    private var toldAt: UInt64 = 0
    /// The first step of those without a backlogged flow; 0: the last one had one.
    private var idleSince: UInt64 = 0
    /// Bytes per second for each backlogged flow. Negative: left to the kernel.
    private var share = -1.0
    /// Whether losses that no queue explains were seen on this path: a flow that joins need not find out again.
    private(set) var isLossy = false
    /// Counts the times that the governor has yielded to a competitor.
    private(set) var yields: UInt32 = 0

    public init() {}

    /// Makes a place for a flow. `roundTrip`: the lowest that its socket has seen, microseconds; 0: unknown.
    mutating func join(roundTrip: UInt32, at time: UInt64) -> Int32 {
        noteFloor(roundTrip, at: time)
        governor.noteNewcomer()
        let new = Member(isPresent: true)
        if let free = members.firstIndex(where: { !$0.isPresent }) {
            members[free] = new
            return Int32(free)
        }
        members.append(new)
        return Int32(members.count - 1)
    }

    mutating func leave(_ place: Int32) {
        members[Int(place)].isPresent = false
    }

    mutating func noteLossy() { isLossy = true }

    mutating func report(
        _ report: Report,
        from place: Int32,
        lever: QueueGovernor.Lever,
        at time: UInt64
    ) -> Share {
        members[Int(place)].bytes += report.bytes
        members[Int(place)].span += report.interval
        // What is in flight may be counted too low: no path is shorter than its shortest.
        let roundTrip = min(report.roundTrip, max(report.mostRoundTrip, floor?.value ?? 0))
        members[Int(place)].roundTrip = roundTrip
        members[Int(place)].sampled = report.sampled
        members[Int(place)].burst = report.burst
        members[Int(place)].isBacklogged = report.isBacklogged
        members[Int(place)].isPausing = report.isPausing
        members[Int(place)].isReceiverLimited = report.isReceiverLimited
        members[Int(place)].isSet = report.isSet
        members[Int(place)].time = time
        noteFloor(report.roundTrip, at: time)
        if isStepDue(roundTrip: roundTrip, at: time) { step(lever, at: time) }
        if !members[Int(place)].isTold {
            members[Int(place)].isTold = true
            toldAt = time
        }
        return Share(
            rate: report.isBacklogged && share >= 0 ? share : nil,
            floor: Double(floor?.value ?? report.roundTrip),
            target: governor.target,
            hasYielded: governor.hasYielded(at: time),
            isFaster: governor.isFaster
        )
    }

    /// Not before what was set last has shown: the last flow was told a round trip ago.
    private func isStepDue(roundTrip: UInt32, at time: UInt64) -> Bool {
        guard time.since(lastStep) >= stepLength(roundTrip) else { return false }
        guard time.since(lastStep) < Self.reportLife else { return true }
        return time.since(toldAt) >= UInt64(roundTrip)
            && members.allSatisfy { $0.isTold || !$0.isPresent || !$0.isBacklogged }
    }

    /// A round trip, so that what was set has shown; and as long as some tens of segments take, since a rate that is
    /// counted in few of them is a rough one.
    private func stepLength(_ roundTrip: UInt32) -> UInt64 {
        let rate = max(governor.bandwidth, Self.segmentsOfStep * 1448)
        let count = governor.isSearching ? Self.segmentsOfSearch : Self.segmentsOfStep
        let segments = UInt64(min(count * 1448 / rate * 1e6, 1e6))
        return max(Self.leastStep, UInt64(roundTrip), governor.state == .holding ? segments : 0)
    }

    private mutating func noteFloor(_ roundTrip: UInt32, at time: UInt64) {
        guard roundTrip > 0 else { return }
        if floor == nil {
            floor = WindowedBest(roundTrip, at: time.milliseconds)
        } else {
            floor?.insert(roundTrip, at: time.milliseconds, window: Self.floorWindow, by: <)
        }
    }

    private mutating func step(_ lever: QueueGovernor.Lever, at time: UInt64) {
        lastStep = time
        var delivered = 0.0
        var sampled = 0.0
        var others = 0.0
        var backlogged = 0.0
        var roundTrip = UInt32.max
        var burst = QueueGovernor.leastBurst
        var isSet = true
        var isReaderSlow = false
        var isPausing = false
        for index in members.indices where members[index].isPresent {
            members[index].settle()
            members[index].isTold = false
            let member = members[index]
            guard time.since(member.time) < Self.reportLife else { continue }
            delivered += member.rate
            sampled += member.isBacklogged ? member.sampled : member.rate
            guard member.isBacklogged else {
                isReaderSlow = isReaderSlow || member.isReceiverLimited
                others += member.rate
                continue
            }
            backlogged += 1
            isPausing = isPausing || member.isPausing
            isSet = isSet && member.isSet
            roundTrip = min(roundTrip, member.roundTrip)
            burst = max(burst, member.burst)
        }
        guard backlogged > 0 else { return noteIdle(isReaderSlow: isReaderSlow, at: time) }
        idleSince = 0
        // Every flow keeps what it has.
        guard !isPausing else { return }
        let seen = QueueGovernor.Observation(
            delivered: delivered,
            sampled: sampled,
            roundTrip: Double(roundTrip),
            floor: Double(floor?.value ?? roundTrip),
            lever: lever,
            burst: burst,
            flows: backlogged,
            isSet: isSet
        )
        switch governor.step(seen, at: time) {
        case .free: share = -1
        case .hold(let rate): shareOut(rate, others: others, among: backlogged)
        case .holdAndRaiseFloor(let rate):
            floor = WindowedBest(roundTrip, at: time.milliseconds)
            shareOut(rate, others: others, among: backlogged)
        case .yield:
            share = -1
            yields &+= 1
        }
    }

    /// What the others use is not theirs for ever: half of an equal part is sure.
    private mutating func shareOut(_ rate: Double, others: Double, among flows: Double) {
        share = max((rate - others) / flows, rate / flows / 2)
    }

    /// A flow that its reader holds back fills no queue, and says nothing of the line: what it was held at before would bound it on
    /// the day that the reader is faster.
    private mutating func noteIdle(isReaderSlow: Bool, at time: UInt64) {
        if idleSince == 0 { idleSince = time }
        guard time.since(idleSince) >= (isReaderSlow ? Self.restAfterReader : Self.restAfter) else { return }
        share = -1
        governor.rest()
    }
}
