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

    @Test func `a claim that the subject was not measured for has no row`() {
        var result = CompareResult.sample
        result.scenarios = [.sample(["kernel": [1: 1]])]
        #expect(FoundingRow.all(result).isEmpty)
        result.scenarios = [.sample(["kernel": [1: 1], "adaptive": [1: 1]])]
        #expect(FoundingRow.all(result).count == 1)
    }
}
