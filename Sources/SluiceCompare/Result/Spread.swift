/// What several rounds came to.
public struct Spread: Sendable, Hashable {
    public var median: Double
    public var minimum: Double
    public var maximum: Double
    public var count: Int

    /// `nil` when there is no value.
    public init?(_ values: [Double]) {
        guard let first = values.first else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        minimum = sorted.first ?? first
        maximum = sorted.last ?? first
        count = sorted.count
    }
}

extension ScenarioResult {
    /// The values of a measure, by round. Failed trials have none.
    public func values(_ measure: Measure, of candidate: String) -> [Int: Double] {
        let pairs = trials.lazy.filter { $0.candidate == candidate }
            .compactMap { trial in trial.values[measure.id].map { (trial.round, $0) } }
        return Dictionary(pairs) { _, later in later }
    }

    public func spread(_ measure: Measure, of candidate: String) -> Spread? {
        Spread(Array(values(measure, of: candidate).values))
    }

    /// A candidate's value over another one's, each taken within a round: what disturbed the machine then, disturbed both.
    public func ratio(_ measure: Measure, of candidate: String, to other: String) -> Spread? {
        let others = values(measure, of: other)
        return Spread(
            values(measure, of: candidate).compactMap { round, value in
                others[round].flatMap { $0 > 0 ? value / $0 : nil }
            }
        )
    }

    /// A title for tables: which setting the best static one is.
    public func title(of candidate: String) -> String {
        guard candidate == Candidate.bestStatic.name, let best = sweep?.best else { return candidate }
        return "\(candidate) (\(best))"
    }
}
