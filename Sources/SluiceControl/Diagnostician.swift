/// Judges what limits a direction. Keeps what has to last longer than one interval to count as evidence.
struct Diagnostician: Sendable {
    private static let lossShare: Float = 0.005
    /// Below this, a retransmission costs so little time that no other congestion control would win any.
    private static let lossMattersAboveRTT: UInt32 = 20_000
    private static let queueStandsForRTTs: UInt32 = 5

    private var marks = CounterMarks()
    /// Sums that are halved as they grow: one retransmission in a small interval is no rate of loss.
    private var acknowledged: Float = 0
    private var retransmitted: Float = 0
    /// Milliseconds; meaningful while `hasQueue`.
    private var queueSince: UInt32 = 0
    private var hasQueue = false

    mutating func start(with sample: LegSample) {
        _ = marks.advance(to: sample, interval: 0)
    }

    mutating func evidence(from sample: LegSample, interval: UInt64) -> Evidence {
        let evidence = marks.advance(to: sample, interval: interval)
        acknowledged += Float(evidence.acknowledged ?? 0)
        retransmitted += Float(evidence.retransmitted ?? 0)
        if acknowledged > Float(256 << 10) {
            acknowledged /= 2
            retransmitted /= 2
        }
        return evidence
    }

    /// First match wins. `isStarved`: the kernel ran out of data although the source had more, because of the
    /// limit that Sluice itself has set.
    mutating func diagnose(
        _ evidence: Evidence,
        rttVariance: UInt32,
        path: PathEstimate,
        queueBudget: UInt32,
        isStarved: Bool,
        at time: UInt64
    ) -> Reason {
        let queueStands = noteQueue(path, rttVariance: rttVariance, budget: queueBudget, at: time)
        if isStarved { return .sendBufferLimited }
        if evidence.isAppLimited { return .appLimited }
        if evidence.isSendBufferLimited, !hasQueue { return .sendBufferLimited }
        if evidence.isReceiverLimited { return .receiverLimited }
        let isLossy = retransmitted > acknowledged * Self.lossShare
        if queueStands, !isLossy { return .queueBuilding }
        if isLossy, !hasQueue, path.smoothedRTT ?? 0 > Self.lossMattersAboveRTT { return .lossLimited }
        return .networkLimited
    }

    /// Whether the path's queue has stood above the budget for several round trips.
    private mutating func noteQueue(
        _ path: PathEstimate,
        rttVariance: UInt32,
        budget: UInt32,
        at time: UInt64
    ) -> Bool {
        // Wi-Fi aggregation, cellular scheduling and delayed ACKs look like a queue: never trust less than
        // half the jitter.
        let threshold = max(budget, rttVariance / 2)
        guard let queue = path.queue, let rtt = path.smoothedRTT, queue > threshold else {
            hasQueue = false
            return false
        }
        if !hasQueue {
            hasQueue = true
            queueSince = time.milliseconds
        }
        return UInt64(time.milliseconds &- queueSince) * 1000 >= UInt64(rtt) * UInt64(Self.queueStandsForRTTs)
    }
}
