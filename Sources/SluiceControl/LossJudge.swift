/// Tells losses that a full queue explains from losses of the path itself.
///
/// A loss-based congestion control takes both for congestion. On a long path a tenth of a percent of the latter is enough to hold
/// it to a fraction of the line (Mathis et al., 1997); BBR, which goes by the rate that arrives, does not mind. So: when
/// packets are lost again and again while no queue stands, nor stood a moment before, BBR is worth its change.
struct LossJudge: Sendable {
    /// Below this round-trip time a lost packet is repaired before it costs much, microseconds.
    static let leastRoundTrip: UInt32 = 10_000
    /// A queue under a quarter of the round trip is none that drop-tail would lose packets of.
    private static let queueShare: Float = 0.25
    private static let leastQueue: Float = 5000
    /// How much of the highest queue is remembered one sample later: losses are seen after their queue has shrunk.
    private static let memory: Float = 0.8
    /// Samples with such losses that make a case.
    private static let enough: Float = 1.5

    private var recentQueue: Float = 0
    /// Samples with losses but no queue; those with a queue take from it, and time does.
    private var evidence: Float = 0

    /// - Parameters:
    ///   - lost: whether anything was sent again since the last sample.
    ///   - isLimited: whether the flow had more to send.
    /// - Returns: whether there is a case.
    mutating func note(lost: Bool, isLimited: Bool, queue: UInt32, minimumRTT: UInt32) -> Bool {
        recentQueue = max(Float(queue), recentQueue * Self.memory)
        guard isLimited, minimumRTT >= Self.leastRoundTrip else { return false }
        if lost {
            evidence = Self.isQueue(recentQueue, minimumRTT: minimumRTT) ? max(0, evidence - 1) : evidence + 1
        } else {
            evidence *= 0.995
        }
        return evidence >= Self.enough
    }

    /// Whether `queue` is one that drop-tail might lose packets of.
    static func isQueue(_ queue: Float, minimumRTT: UInt32) -> Bool {
        queue > max(leastQueue, Float(minimumRTT) * queueShare)
    }
}
