import SluiceControl

/// What is kept of a connection that has moved bytes in more than one sample: its places on the paths to its peers, and what
/// it came to, to be compared with the other arm, and the last decisions. Most connections never have one, which keeps them small.
///
/// Thread: its loop's.
final class FlowRecord {
    var paths = ConnectionPaths()
    /// Of the last sample, and of the time in which bytes moved, microseconds.
    private var lastSample: UInt64
    private var active: UInt64 = 0
    /// Moved in that time, both ways.
    private var bytes: UInt64 = 0
    private var inflationSum = 0.0
    private var inflationCount = 0
    /// What decisions have set.
    private(set) var used: ActuatorSet = []
    private var isScored = false
    /// The last decisions; the oldest is at `nextDecision` once there are as many as are kept. Without memory until the first.
    private var kept: [DecisionRecord] = []
    private var nextDecision = 0
    /// Of the sinks, by direction.
    private var upstreamMarks = SinkMarks()
    private var downstreamMarks = SinkMarks()

    private struct SinkMarks {
        var marks = CounterMarks()
        var isStarted = false
    }

    /// Enough to see how a connection came to be set as it is.
    static let decisionsKept = 8

    /// Less says more of the handshake's slow start than of a policy.
    private static let leastBytes: UInt64 = 64 << 10
    /// One that goes on for longer is scored then, once: two scores of one connection would not be independent.
    private static let longEnough: UInt64 = 30 * 1_000_000

    init(at time: UInt64) { lastSample = time }

    func noteUsed(_ actuators: ActuatorSet) { used.formUnion(actuators) }

    /// What has happened on a direction's sink since the last sample. `nil` for the first.
    func evidence(of direction: Direction, _ sample: LegSample, at time: UInt64) -> Evidence? {
        let interval = time &- lastSample
        return direction == .upstream
            ? Self.advance(&upstreamMarks, to: sample, interval: interval)
            : Self.advance(&downstreamMarks, to: sample, interval: interval)
    }

    private static func advance(_ sink: inout SinkMarks, to sample: LegSample, interval: UInt64) -> Evidence?
    {
        let evidence = sink.marks.advance(to: sample, interval: interval)
        defer { sink.isStarted = true }
        return sink.isStarted ? evidence : nil
    }

    /// Oldest first.
    var decisions: [DecisionRecord] { Array(kept[nextDecision...] + kept[..<nextDecision]) }

    func note(_ decision: DecisionRecord) {
        if let newest = newest(of: decision.direction), kept[newest].absorb(decision) { return }
        guard kept.count == Self.decisionsKept else {
            return kept.append(decision)
        }
        kept[nextDecision] = decision
        nextDecision = (nextDecision + 1) % Self.decisionsKept
    }

    private func newest(of direction: Direction) -> Int? {
        for age in 1...Self.decisionsKept where age <= kept.count {
            let place = (nextDecision + kept.count - age) % kept.count
            if kept[place].direction == direction { return place }
        }
        return nil
    }

    /// - Returns: microseconds since the last sample, when bytes moved in them; 0 otherwise.
    func noteSample(movedBytes: UInt64, at time: UInt64) -> UInt64 {
        let interval = time &- lastSample
        lastSample = time
        guard movedBytes > 0, interval > 0 else { return 0 }
        active &+= interval
        bytes &+= movedBytes
        return interval
    }

    /// - Parameter inflation: of one leg's round-trip time, at a sample in which bytes moved.
    func noteInflation(_ inflation: Double) {
        inflationSum += inflation
        inflationCount += 1
    }

    /// What the connection came to. Once: at its end, or when it has gone on for long enough.
    func takeScore(isOver: Bool) -> ArmScore? {
        guard !isScored, isOver || active >= Self.longEnough, bytes >= Self.leastBytes, active > 0 else {
            return nil
        }
        isScored = true
        return ArmScore(
            goodput: Double(bytes) * 1e6 / Double(active),
            inflation: inflationCount > 0 ? inflationSum / Double(inflationCount) : nil
        )
    }
}
