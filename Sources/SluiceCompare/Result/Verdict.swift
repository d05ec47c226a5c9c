/// What a row of the founding table came to for Sluice as it is out of the box.
public struct Verdict: Sendable, Equatable {
    public enum Outcome: String, Sendable {
        case wins, even, loses
        /// Better in this, but at the price of goodput.
        case starves
        /// A single round, or none with both: nothing is known about its spread.
        case undecided
    }

    /// Less than this is no difference, whatever the rounds say.
    static let margin = 0.05

    /// Against the baseline.
    public var outcome: Outcome
    public var ratio: Spread?
    /// The best of the other proxies by its median, without those that give up goodput, and the ratio to that one.
    public var bestOther: String?
    public var outcomeAgainstBest: Outcome
    public var ratioToBest: Spread?

    init(_ claim: Claim, in result: ScenarioResult) {
        let subject = Candidate.adaptive.name
        ratio = result.ratio(claim.measure, of: subject, to: result.baseline)
        let goodputs = claim.measure.id == Measure.goodput.id ? [:] : Self.goodputs(result)
        let full = goodputs.values.max() ?? 0
        func isFair(_ name: String) -> Bool {
            (goodputs[name] ?? full) >= full * Measure.fairShareOfGoodput
        }
        let found = Self.outcome(ratio, claim.measure.better)
        outcome = found == .wins && !isFair(subject) ? .starves : found
        let others = result.candidates.filter {
            $0 != subject && $0 != Candidate.direct.name && isFair($0)
        }
        bestOther =
            others.compactMap { name in
                result.spread(claim.measure, of: name).map { (name, $0.median) }
            }.min { claim.measure.better == .less ? $0.1 < $1.1 : $0.1 > $1.1 }?.0
        ratioToBest = bestOther.flatMap { result.ratio(claim.measure, of: subject, to: $0) }
        outcomeAgainstBest = Self.outcome(ratioToBest, claim.measure.better)
    }

    /// The median of each proxy; empty where it is not measured.
    private static func goodputs(_ result: ScenarioResult) -> [String: Double] {
        guard result.measures.contains(.goodput) else { return [:] }
        let names = result.candidates.filter { $0 != Candidate.direct.name }
        let pairs = names.compactMap { name in result.spread(.goodput, of: name).map { (name, $0.median) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// Every round has to agree, and the median to be past the margin.
    static func outcome(_ ratio: Spread?, _ better: Measure.Preference) -> Outcome {
        guard let ratio, ratio.count > 1 else { return .undecided }
        let isLess = ratio.median < 1 - margin && ratio.maximum < 1
        let isMore = ratio.median > 1 + margin && ratio.minimum > 1
        guard isLess || isMore else { return .even }
        return isLess == (better == .less) ? .wins : .loses
    }

    /// For the table's last column.
    public var text: String {
        switch (outcome, outcomeAgainstBest) {
        case (.undecided, _): "undecided: too few rounds"
        case (.even, _): "Sluice does not win: no clear difference"
        case (.loses, _): "Sluice does not win: it is worse"
        case (.starves, _): "Sluice does not win: it gives up goodput"
        case (.wins, .loses): "wins, but \(bestOther ?? "another") is better still"
        case (.wins, _): "wins"
        }
    }
}

/// A row of the founding table.
public struct FoundingRow: Sendable {
    public var claim: Claim
    public var scenario: ScenarioResult
    public var verdict: Verdict

    /// Those of which the subject was measured.
    public static func all(_ result: CompareResult) -> [FoundingRow] {
        result.scenarios.flatMap { scenario in
            scenario.claims.map {
                FoundingRow(claim: $0, scenario: scenario, verdict: Verdict($0, in: scenario))
            }
        }.filter { $0.scenario.spread($0.claim.measure, of: Candidate.adaptive.name) != nil }
    }
}
