import Testing

@testable import SluiceCompare

@Suite struct VerdictTests {
    private func verdict(
        _ values: [String: [Int: Double]],
        better: Measure.Preference = .more
    ) throws -> Verdict {
        let result = ScenarioResult.sample(values, better: better)
        return Verdict(try #require(result.claims.first), in: result)
    }

    @Test func `better in every round wins`() throws {
        let found = try verdict(["adaptive": [1: 20, 2: 21, 3: 19], "kernel": [1: 10, 2: 10, 3: 10]])
        #expect(found.outcome == .wins)
        #expect(found.text == "wins")
        #expect(found.bestOther == "kernel")
    }

    @Test func `which way is better decides`() throws {
        let values = ["adaptive": [1: 20.0, 2: 21], "kernel": [1: 10.0, 2: 10]]
        #expect(try verdict(values, better: .less).outcome == .loses)
        #expect(try verdict(values, better: .less).text.hasPrefix("Sluice does not win"))
    }

    @Test func `one round that disagrees is no win`() throws {
        let found = try verdict(["adaptive": [1: 20, 2: 20, 3: 9], "kernel": [1: 10, 2: 10, 3: 10]])
        #expect(found.outcome == .even)
        #expect(found.text.hasPrefix("Sluice does not win"))
    }

    @Test func `a difference below the margin is none`() throws {
        let found = try verdict(["adaptive": [1: 10.2, 2: 10.3], "kernel": [1: 10, 2: 10]])
        #expect(found.outcome == .even)
    }

    @Test func `one round decides nothing`() throws {
        #expect(try verdict(["adaptive": [1: 20], "kernel": [1: 10]]).outcome == .undecided)
    }

    @Test func `a better other is named, and no proxy is no rival`() throws {
        let found = try verdict([
            "adaptive": [1: 20, 2: 20], "kernel": [1: 10, 2: 10], "best-static": [1: 30, 2: 30],
            "direct": [1: 99, 2: 99],
        ])
        #expect(found.outcome == .wins)
        #expect(found.outcomeAgainstBest == .loses)
        #expect(found.text == "wins, but best-static is better still")
    }

    @Test(arguments: [(5.0, Verdict.Outcome.starves), (9.5, .wins)])
    func `what is won by sending little is not won`(goodput: Double, outcome: Verdict.Outcome) {
        var result = ScenarioResult.sample(["adaptive": [1: goodput, 2: goodput], "kernel": [1: 10, 2: 10]])
        result.measures.append(.responseP95)
        for index in result.trials.indices {
            let isSubject = result.trials[index].candidate == "adaptive"
            result.trials[index].values[Measure.responseP95.id] = isSubject ? 1 : 4
        }
        #expect(Verdict(Claim("p95", .responseP95), in: result).outcome == outcome)
    }

    @Test func `the best static setting is no starving one`() {
        var sweep = StaticSweep(steps: [
            .init(setting: "16K", value: 1, goodput: 3), .init(setting: "64K", value: 5, goodput: 9.5),
            .init(setting: "1M", value: 8, goodput: 10), .init(setting: "4M", failure: "it broke"),
        ])
        sweep.conclude(.less)
        #expect(sweep.best == "64K")
        sweep.conclude(.more)
        #expect(sweep.best == "1M")
        sweep.steps = [.init(setting: "4M", failure: "it broke")]
        sweep.conclude(.less)
        #expect(sweep.best == nil)
    }

    @Test func `a claim that the subject was not measured for has no row`() {
        var result = CompareResult.sample
        result.scenarios = [.sample(["kernel": [1: 1]])]
        #expect(FoundingRow.all(result).isEmpty)
        result.scenarios = [.sample(["kernel": [1: 1], "adaptive": [1: 1]])]
        #expect(FoundingRow.all(result).count == 1)
    }
}
