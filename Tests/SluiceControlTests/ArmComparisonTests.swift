import SluiceControl
import SluiceRandom
import Testing

/// Connections of two arms, as they come: log-normal throughputs, which is kinder than some real traffic and wilder than most.
private struct SimulatedTraffic {
    var random: SplitMix64
    /// Share of the connections that are held back.
    var heldBack = 0.05
    /// What adapting does to the throughput, and to the queue's part of the round-trip time.
    var speed = 1.0
    var queue = 1.0
    /// Of the logarithm.
    var deviation = 1.0
    /// How much the median grows in a thousand connections.
    var drift = 1.0
    private var count = 0.0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func next() -> (ArmScore, Arm) {
        let arm: Arm = random.nextFraction() < heldBack ? .kernel : .adaptive
        count += 1
        let median = 1e6 * power(drift, count / 1000)
        let goodput = median * logNormal() * (arm == .adaptive ? speed : 1)
        let inflation = 1 + logNormal() * (arm == .adaptive ? queue : 1)
        return (ArmScore(goodput: goodput, inflation: inflation), arm)
    }

    /// exp(deviation * z), z from the sum of twelve even numbers.
    private mutating func logNormal() -> Double {
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + random.nextFraction() }
        return exponential(deviation * normal)
    }

    // The module under test has no Foundation, and neither have its tests.
    private func exponential(_ x: Double) -> Double {
        let part = x / 1024
        var result = 1 + part + part * part / 2
        for _ in 0..<10 { result *= result }
        return result
    }

    /// For bases near 1.
    private func power(_ base: Double, _ exponent: Double) -> Double {
        base == 1 ? 1 : exponential((base - 1) * exponent)
    }
}

@Suite struct ArmComparisonTests {
    /// Held-back connections until the alarm. `nil`: there was none.
    private func alarm(
        _ traffic: SimulatedTraffic,
        connections: Int
    ) -> (verdict: ArmComparison.Verdict, heldBack: Int)? {
        var traffic = traffic
        var comparison = ArmComparison()
        var heldBack = 0
        for _ in 0..<connections {
            let (score, arm) = traffic.next()
            if arm == .kernel { heldBack += 1 }
            if let verdict = comparison.note(score, of: arm) { return (verdict, heldBack) }
        }
        return nil
    }

    private func alarms(runs: Int, connections: Int, _ change: (inout SimulatedTraffic) -> Void) -> Int {
        (0..<runs).count { seed in
            var traffic = SimulatedTraffic(seed: UInt64(seed))
            change(&traffic)
            return alarm(traffic, connections: connections) != nil
        }
    }

    /// By the theory at most one in ten such runs; there are two detectors, so two in ten.
    @Test func equalArmsAreLeftAlone() {
        #expect(alarms(runs: 40, connections: 20_000) { _ in } <= 2)
    }

    @Test func growingTrafficIsNoHarm() {
        #expect(alarms(runs: 20, connections: 20_000) { $0.drift = 1.5 } <= 2)
        #expect(alarms(runs: 20, connections: 20_000) { $0.drift = 0.67 } <= 2)
    }

    @Test func doingBetterIsNoHarm() {
        #expect(alarms(runs: 20, connections: 20_000) { $0.speed = 2 } == 0)
        #expect(alarms(runs: 20, connections: 20_000) { $0.queue = 0.25 } == 0)
    }

    /// Half the throughput, in a spread of e either way: seen before 300 connections were held back.
    @Test func halfTheThroughputIsSeen() throws {
        for seed in 0..<40 as Range<UInt64> {
            var traffic = SimulatedTraffic(seed: seed)
            traffic.speed = 0.5
            let seen = try #require(alarm(traffic, connections: 40_000), "seed \(seed)")
            #expect(seen.verdict.measure == .goodput)
            #expect(seen.verdict.ranked <= seen.heldBack && seen.verdict.worseShare > 0.6)
            #expect(seen.heldBack <= 300, "seed \(seed)")
        }
    }

    @Test func threeTimesTheQueueIsSeen() throws {
        for seed in 0..<40 as Range<UInt64> {
            var traffic = SimulatedTraffic(seed: seed)
            traffic.queue = 3
            let seen = try #require(alarm(traffic, connections: 40_000), "seed \(seed)")
            #expect(seen.verdict.measure == .inflation)
            #expect(seen.heldBack <= 200, "seed \(seed)")
        }
    }

    /// A change after a long good time is seen as soon: the stakes do not sink below one.
    @Test func harmAfterALongGoodTimeIsSeen() throws {
        var traffic = SimulatedTraffic(seed: 7)
        var comparison = ArmComparison()
        traffic.speed = 2
        for _ in 0..<50_000 {
            let (score, arm) = traffic.next()
            #expect(comparison.note(score, of: arm) == nil)
        }
        #expect(comparison.evidence(of: .goodput) < 2)
        traffic.speed = 0.5
        var heldBack = 0
        for _ in 0..<40_000 {
            let (score, arm) = traffic.next()
            if arm == .kernel { heldBack += 1 }
            if comparison.note(score, of: arm) != nil { break }
        }
        #expect(heldBack <= 150)
    }

    /// A few percent less is no alarm: it is within what is called a tie.
    @Test func aTieIsNoHarm() {
        #expect(
            alarms(runs: 20, connections: 20_000) {
                $0.speed = 0.97
                $0.deviation = 0.001
            } == 0
        )
    }

    @Test(arguments: [0.01, 0.2, 0.5]) func anyShareWorks(heldBack: Double) {
        var traffic = SimulatedTraffic(seed: 3)
        traffic.heldBack = heldBack
        #expect(alarm(traffic, connections: 10_000) == nil)
        traffic.speed = 0.3
        #expect(alarm(traffic, connections: 60_000) != nil)
    }
}
