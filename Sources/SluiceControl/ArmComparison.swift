/// Which of two kinds of connections one belongs to, for as long as it lives.
public enum Arm: String, Sendable, Hashable, CaseIterable {
    /// Steered by the controllers.
    case adaptive
    /// Held back: left to the kernel alone, to compare with.
    case kernel
}

/// What one connection came to, whichever arm it was in.
public struct ArmScore: Sendable, Hashable {
    /// Bytes per second of the time in which it moved any.
    public var goodput: Double
    /// Mean of the smoothed round-trip time over the lowest: 1 is a path without a queue. `nil`: not measured.
    public var inflation: Double?

    public init(goodput: Double, inflation: Double?) {
        self.goodput = goodput
        self.inflation = inflation
    }
}

/// Whether adapting does worse than the kernel alone, told from the connections of the two arms as they come.
///
/// Throughputs of real connections differ by orders of magnitude, so means say nothing. Each connection of the kernel's arm
/// is ranked among the adaptive ones around it: `blockSide` before and as many after, which no other of its arm is compared
/// with. The share of them that does worse than it, ties counted half, has a mean of one half when the arms are alike,
/// whatever the distribution is, and also while the traffic drifts.
///
/// These shares are bets against the hypothesis that the mean is at most `indifference`: a stake `m` becomes
/// `max(m, 1) * (1 + bet * (share - indifference))`. That is an e-process with restarts (an e-CUSUM: J. Shin, A. Ramdas,
/// A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", 2022), the mean over several bets
/// is one, too, and so as long as adapting does no harm, the first false alarm takes at least `threshold` ranked connections
/// in the mean. It may be looked at after each of them.
///
/// Both measures have a detector of their own: goodput, and the queue that is seen as an inflated round-trip time.
public struct ArmComparison: Sendable {
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        case goodput
        case inflation
    }

    /// Adaptive connections on each side of one of the kernel's arm.
    public static let blockSide = 8
    /// A difference below this, either way, is a tie.
    public static let margin = 0.05
    /// Adapting that loses this often is not worth an alarm: a coin's half, and a twentieth.
    public static let indifference = 0.55
    public static let threshold = 10_000.0
    /// Small differences pay with a small bet, large ones with a large one. At most 1 / `indifference`.
    static let bets = (0.5, 1.0, 1.7)

    /// In what adapting turned out worse, and by what that was told.
    public struct Verdict: Sendable, Hashable {
        public var measure: Measure
        /// Connections of the kernel's arm that were ranked since the evidence began to grow.
        public var ranked: Int
        /// Share of the adaptive ones beside them that did worse, 0.5 to 1.
        public var worseShare: Double
    }

    private struct Detector {
        private var stakes = (1.0, 1.0, 1.0)
        /// Of the shares since the stake last was its least.
        private(set) var count = 0
        private var sum = 0.0

        /// The mean over the bets.
        var evidence: Double { (stakes.0 + stakes.1 + stakes.2) / 3 }

        var meanShare: Double { sum / Double(max(count, 1)) }

        mutating func note(_ share: Double) {
            if stakes.1 <= 1 { (count, sum) = (0, 0) }
            count += 1
            sum += share
            stakes.0 = Self.bet(stakes.0, bets.0, share)
            stakes.1 = Self.bet(stakes.1, bets.1, share)
            stakes.2 = Self.bet(stakes.2, bets.2, share)
        }

        private static func bet(_ stake: Double, _ bet: Double, _ share: Double) -> Double {
            max(stake, 1) * (1 + bet * (share - indifference))
        }
    }

    private var goodput = Detector()
    private var inflation = Detector()
    /// The newest adaptive scores, at most `blockSide`.
    private var before: [ArmScore] = []
    private var after: [ArmScore] = []
    private var ranked: ArmScore?

    public init() {}

    /// The stake of a measure: 1 at the start, an alarm from `threshold` on.
    public func evidence(of measure: Measure) -> Double {
        measure == .goodput ? goodput.evidence : inflation.evidence
    }

    /// One more connection. Returns how adapting turned out worse; start anew then.
    public mutating func note(_ score: ArmScore, of arm: Arm) -> Verdict? {
        switch arm {
        case .adaptive: return noteAdaptive(score)
        case .kernel:
            // One that comes while another waits for its block is left out: it would share its neighbours.
            if ranked == nil, before.count == Self.blockSide { ranked = score }
            return nil
        }
    }

    private mutating func noteAdaptive(_ score: ArmScore) -> Verdict? {
        guard let ranked else {
            if before.count == Self.blockSide { before.removeFirst() }
            before.append(score)
            return nil
        }
        after.append(score)
        guard after.count == Self.blockSide else { return nil }
        defer {
            self.ranked = nil
            before.removeAll(keepingCapacity: true)
            after.removeAll(keepingCapacity: true)
        }
        return judge(ranked)
    }

    private mutating func judge(_ kernel: ArmScore) -> Verdict? {
        goodput.note(share { Self.loss($0.goodput, to: kernel.goodput) })
        if let lowest = kernel.inflation {
            inflation.note(share { score in score.inflation.map { Self.loss(lowest, to: $0) } ?? 0.5 })
        }
        return verdict(.goodput, goodput) ?? verdict(.inflation, inflation)
    }

    private func verdict(_ measure: Measure, _ detector: Detector) -> Verdict? {
        guard detector.evidence >= Self.threshold else { return nil }
        return Verdict(measure: measure, ranked: detector.count, worseShare: detector.meanShare)
    }

    private func share(_ loss: (ArmScore) -> Double) -> Double {
        let sum = before.reduce(0) { $0 + loss($1) } + after.reduce(0) { $0 + loss($1) }
        return sum / Double(2 * Self.blockSide)
    }

    /// 1: `own` is less than `other`; 0: more; a half: a tie.
    private static func loss(_ own: Double, to other: Double) -> Double {
        if own < other * (1 - margin) { return 1 }
        return other < own * (1 - margin) ? 0 : 0.5
    }
}
