import SluiceBench

/// A comparison for a terminal, or a pipe: plain lines.
public struct CompareText {
    private let result: CompareResult
    private let tables: CompareTables

    public init(_ result: CompareResult) {
        self.result = result
        tables = CompareTables(result: result)
    }

    public var lines: [String] {
        result.scenarios.filter { !$0.trials.isEmpty }.flatMap(scenario) + founding + tables.notes
    }

    private func scenario(_ scenario: ScenarioResult) -> [String] {
        let rounds = scenario.trials.map(\.round).max() ?? 0
        let links = [scenario.link, scenario.originLink].compactMap { $0 }
        return [
            "\(scenario.name): \(scenario.summary)",
            "  \(links.isEmpty ? "loopback" : links.joined(separator: " | ")); hosts: \(scenario.congestionControl)",
            "  \(rounds) round\(rounds == 1 ? "" : "s") of \(Figures.number(scenario.seconds)) s; medians (ranges)",
        ] + Self.indented(tables.scenario(scenario)) + [""]
    }

    private var founding: [String] {
        let table = tables.founding
        guard !table.rows.isEmpty else { return [] }
        return ["What Sluice is for, and what was measured"] + Self.indented(table) + [""]
    }

    private static func indented(_ table: CompareTables.Table) -> [String] {
        TextTable(titles: table.titles, rows: table.rows).lines.map { "  " + $0 }
    }

    /// A line of progress.
    public static func line(_ progress: ComparisonProgress) -> String {
        guard let trial = progress.trial, let measure = progress.measure else { return "" }
        let place = trial.round == 0 ? "sweep" : "round \(trial.round)"
        let outcome = trial.failure.map { "failed: \($0)" }
        let value = trial.values[measure.id].map { "\(measure.title) \(measure.text($0))" }
        return "[\(progress.done)/\(progress.total)] \(progress.scenario), \(place), \(trial.candidate): "
            + (outcome ?? value ?? "done")
    }
}
