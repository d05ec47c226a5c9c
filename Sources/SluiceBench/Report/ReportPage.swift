import SluiceCore
import SluiceLab

/// One HTML page about one or several results side by side. It fetches nothing and runs no script.
public struct ReportPage: Sendable {
    /// The heading. A sentence under it says what is compared.
    public var title = "sluice bench"
    public var summary = ""
    private let results: [BenchResult]

    /// The results in the order of their colours.
    public init(_ results: [BenchResult]) { self.results = results }

    public var html: String { ReportDocument(title: title, body: body).html }

    private var body: Markup {
        """
        \(lead)
        \(notes)
        <section class="charts">
        \(Markup(ReportCharts(results).all.map(\.markup)))
        </section>
        <section>
        \(tables)
        </section>
        <h2>How it was measured</h2>
        \(Markup(results.map(facts)))
        """
    }

    private var lead: Markup { summary.isEmpty ? "" : "<p>\(summary)</p>" }

    private var tables: Markup {
        let tables = ReportTables(results)
        return Markup([tables.throughput, tables.latencies, tables.counts, tables.links, tables.cost])
    }

    /// What a reader must know before the figures.
    private var notes: Markup {
        Markup(
            results.flatMap { result -> [Markup] in
                var notes: [Markup] = []
                let label = results.count == 1 ? "This run" : result.label
                if result.wasInterrupted {
                    notes.append(
                        "<p class=\"note\">\(label) was stopped after \(Figures.number(result.seconds)) s.</p>"
                    )
                }
                if let problem = result.problem {
                    notes.append("<p class=\"note\">\(label) lacks the server's side: \(problem).</p>")
                }
                for warning in result.link?.warnings ?? [] {
                    notes.append("<p class=\"note\">\(label): link \(warning).</p>")
                }
                return notes
            }
        )
    }

    private func facts(_ result: BenchResult) -> Markup {
        let rows =
            [
                ("date", result.date), ("target", result.target), ("mode", result.plan.mode.rawValue),
                ("seed", "\(result.plan.seed)"), ("client", describe(result.client.facts)),
                ("server", result.server.map { describe($0.facts) } ?? "unknown"),
                ("clocks", clocks(result.clock)),
            ] + (result.link.map { [("link", describe($0))] } ?? [])
        return """
            <article>
            <h3>\(result.label)</h3>
            \(ReportDocument.command(result.command))
            \(ReportDocument.list(rows))
            </article>
            """
    }

    private func describe(_ facts: EndpointFacts) -> String {
        "sluice \(facts.sluice), Linux \(facts.kernel) (\(facts.architecture), \(facts.processors) CPUs), "
            + "\(facts.congestionControl) by default"
    }

    private func describe(_ link: LinkReport) -> String {
        let queues = LinkDirection.allCases.compactMap { direction in
            // Where nothing limits the rate, nothing waits.
            link.queueBytes[direction.rawValue].flatMap {
                $0 < 1 << 50 ? "\(direction.rawValue) \($0) bytes" : nil
            }
        }
        return "\(link.specification): \(Figures.number(link.roundTripMilliseconds)) ms round trip"
            + (queues.isEmpty ? "" : ", queue " + queues.joined(separator: ", "))
    }

    private func clocks(_ clock: ClockRelation) -> String {
        clock.isShared ? "one for both sides" : "related within \(Figures.duration(clock.uncertainty))"
    }
}
