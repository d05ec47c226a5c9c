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

    public var html: String { page.text }

    private var page: Markup {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>\(title)</title>
        <style>\(ReportStyle.css)</style>
        </head>
        <body>
        <main>
        <h1>\(title)</h1>
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
        </main>
        </body>
        </html>

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
        let list = rows.map { name, value -> Markup in "<dt>\(name)</dt><dd>\(value)</dd>" }
        return """
            <article>
            <h3>\(result.label)</h3>
            <pre>\(result.command.map(Self.quoted).joined(separator: " "))</pre>
            <dl>\(Markup(list, separator: ""))</dl>
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

    /// As it can be typed into a shell again.
    static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=,@%+[]".contains($0))
        }
        return plain && !word.isEmpty
            ? word
            : "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}
