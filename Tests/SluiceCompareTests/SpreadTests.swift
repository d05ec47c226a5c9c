import SluiceBench
import SluiceRandom
import Testing

@testable import SluiceCompare

@Suite struct SpreadTests {
    @Test(arguments: [
        ([3.0], 3.0, 3.0, 3.0), ([1, 9], 5, 1, 9), ([9, 1, 2], 2, 1, 9), ([4, 1, 3, 2], 2.5, 1, 4),
    ])
    func `the median, and the ends`(values: [Double], median: Double, minimum: Double, maximum: Double) {
        let spread = Spread(values)
        #expect(spread?.median == median)
        #expect(spread?.minimum == minimum)
        #expect(spread?.maximum == maximum)
        #expect(spread?.count == values.count)
    }

    @Test func `nothing has no spread`() { #expect(Spread([]) == nil) }

    @Test(arguments: 0..<200)
    func `whatever the order, half lie on each side of the median`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let values = (0..<random.next(below: 9) + 1).map { _ in random.nextFraction() }
        let spread = try #require(Spread(values))
        #expect(spread == Spread(values.shuffled(using: &random)))
        #expect(values.count { $0 < spread.median } == values.count { $0 > spread.median })
        #expect(spread.minimum == values.min() && spread.maximum == values.max())
    }

    @Test func `a ratio is taken within a round`() {
        // Round 2 was twice as slow for both: the ratio does not see it. Round 3 has no baseline, round 4 no subject.
        let result = ScenarioResult.sample(
            ["adaptive": [1: 10, 2: 20, 3: 1], "kernel": [1: 20, 2: 40, 4: 1]]
        )
        let ratio = result.ratio(.goodput, of: "adaptive", to: "kernel")
        #expect(ratio == Spread([0.5, 0.5]))
        #expect(result.ratio(.goodput, of: "adaptive", to: "direct") == nil)
    }

    @Test func `a failed trial has no value`() {
        var result = ScenarioResult.sample(["kernel": [1: 10, 2: 30]])
        result.trials[1].values = [:]
        result.trials[1].failure = "it broke"
        #expect(result.spread(.goodput, of: "kernel")?.count == 1)
    }
}

extension ScenarioResult {
    /// Values of the goodput, by candidate and round.
    static func sample(_ values: [String: [Int: Double]], better: Measure.Preference = .more)
        -> ScenarioResult
    {
        var measure = Measure.goodput
        measure.better = better
        var result = ScenarioResult(
            name: "sample",
            summary: "A sample <of> nothing.",
            link: "rate=10mbit",
            congestionControl: "cubic",
            seconds: 1,
            measures: [measure],
            claims: [Claim("What it is about", measure)],
            baseline: "kernel",
            candidates: values.keys.sorted()
        )
        for (candidate, rounds) in values.sorted(by: { $0.key < $1.key }) {
            for (round, value) in rounds.sorted(by: { $0.key < $1.key }) {
                var trial = Trial(candidate: candidate, round: round, seed: 1)
                trial.values[measure.id] = value
                result.trials.append(trial)
            }
        }
        return result
    }
}
