import SluiceBench

/// One HTML page about a comparison. It fetches nothing and runs no script.
public struct ComparePage: Sendable {
    private let result: CompareResult

    public init(_ result: CompareResult) { self.result = result }

    public var html: String { ReportDocument(title: "sluice bench compare", body: body).html }

    private var tables: CompareTables { CompareTables(result: result) }

    private var body: Markup {
        """
        <p>Candidates took turns in every round, on links that treat each of them alike. Figures are medians of the rounds, \
        with their range; a ratio is taken within a round.</p>
        \(Markup(tables.notes.map { "<p class=\"note\">\($0)</p>" }))
        \(founding)
        \(Markup(result.scenarios.filter { !$0.trials.isEmpty }.map(section)))
        <h2>How it was measured</h2>
        \(ReportDocument.command(result.command))
        \(ReportDocument.list(tables.facts.map { ($0.name, $0.value) }))
        """
    }

    private var founding: Markup {
        let table = tables.founding
        guard !table.rows.isEmpty else { return "" }
        return """
            <h2>What Sluice is for, and what was measured</h2>
            <div class="wrapping">\(Self.markup(table))</div>
            """
    }

    private func section(_ scenario: ScenarioResult) -> Markup {
        let links = [
            ("link", scenario.link ?? "loopback"), ("link to the origin", scenario.originLink ?? ""),
        ]
        let facts =
            links.filter { !$0.1.isEmpty } + [
                ("hosts", scenario.congestionControl),
                ("one trial", "\(Figures.number(scenario.seconds)) s"),
                ("rounds", "\(scenario.trials.map(\.round).max() ?? 0)"),
            ]
        return """
            <section>
            <h2>\(scenario.name)</h2>
            <p>\(scenario.summary)</p>
            \(ReportDocument.list(facts))
            \(Self.markup(tables.scenario(scenario)))
            <div class="charts">
            \(Markup(ScenarioCharts(scenario: scenario).markup))
            </div>
            \(Self.markup(tables.cost(scenario)))
            \(Self.markup(tables.links(scenario)))
            \(Self.markup(tables.sweep(scenario)))
            </section>
            """
    }

    private static func markup(_ table: CompareTables.Table) -> Markup {
        ReportDocument.table(table.titles, table.rows)
    }
}
