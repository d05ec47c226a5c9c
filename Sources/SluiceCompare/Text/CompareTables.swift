import SluiceBench

/// The tables of a comparison as texts: for the terminal and for the report.
struct CompareTables {
    /// Titles, and rows of as many cells.
    struct Table {
        var titles: [String]
        var rows: [[String]]
    }

    let result: CompareResult

    /// Each row with its baseline, its scenario, and what was measured.
    var founding: Table {
        let rows = FoundingRow.all(result).map { row -> [String] in
            let scenario = row.scenario
            let measure = row.claim.measure
            func median(_ name: String) -> String {
                scenario.spread(measure, of: name).map { measure.text($0.median) } ?? "failed"
            }
            let best = row.verdict.bestOther
            return [
                row.claim.title,
                row.verdict.text,
                median(Candidate.adaptive.name),
                "\(scenario.baseline) \(median(scenario.baseline))",
                row.verdict.ratio.map(Self.ratio) ?? "",
                best.map { "\(scenario.title(of: $0)) \(median($0))" } ?? "",
                scenario.name,
            ]
        }
        return Table(
            titles: [
                "what it is about", "verdict", "Sluice adaptive", "baseline", "ratio", "best of the others",
                "scenario",
            ],
            rows: rows
        )
    }

    /// A row for each candidate: medians with their ranges, and the primary measure against the baseline.
    func scenario(_ scenario: ScenarioResult) -> Table {
        let rows = scenario.candidates.map { name -> [String] in
            let cells = scenario.measures.map { measure in
                scenario.spread(measure, of: name).map { Self.text($0, measure) } ?? missing(name, scenario)
            }
            let ratio = scenario.ratio(scenario.primary, of: name, to: scenario.baseline)
            return [scenario.title(of: name)] + cells + [ratio.map(Self.ratio) ?? ""]
        }
        let titles = scenario.measures.map(\.title)
        return Table(
            titles: ["candidate"] + titles + ["\(titles[0]), x \(scenario.baseline)"],
            rows: rows
        )
    }

    /// What else a trial cost: medians of the rounds.
    func cost(_ scenario: ScenarioResult) -> Table {
        let rows = scenario.candidates.compactMap { name -> [String]? in
            let costs = scenario.trials.filter { $0.candidate == name }.compactMap(\.proxy)
            func median(_ value: (ProxyCost) -> Double) -> Double { Spread(costs.map(value))?.median ?? 0 }
            guard !costs.isEmpty else { return nil }
            return [
                scenario.title(of: name),
                "\(Figures.number(median(\.cpuSeconds))) s",
                Figures.bytes(UInt64(median { Double($0.residentPeak) })),
                Figures.bytes(UInt64(median { Double($0.kernelTCPPeak) })),
                Figures.bytes(UInt64(median { Double($0.heldPeak) })),
            ]
        }
        return Table(
            titles: ["candidate", "proxy's CPU", "resident, peak", "kernel TCP, peak", "held for the load"],
            rows: rows
        )
    }

    /// What the links did: medians of the rounds, over both links where there are two, by the first.
    func links(_ scenario: ScenarioResult) -> Table {
        let rows = scenario.candidates.compactMap { name -> [String]? in
            let links = scenario.trials.filter { $0.candidate == name }.compactMap(\.links.first)
            guard !links.isEmpty else { return nil }
            let cells = [links.map(\.up), links.map(\.down)].flatMap { reports -> [String] in
                func median(_ value: (Double, Int) -> Double) -> Double {
                    Spread(
                        reports.map { value($0.total.queueDelay.p50Milliseconds, $0.total.dropped.total) }
                    )?
                    .median ?? 0
                }
                let tail = Spread(reports.map(\.total.queueDelay.p99Milliseconds))?.median ?? 0
                return [
                    "\(Figures.number(median { delay, _ in delay })) / \(Figures.number(tail)) ms",
                    Figures.number(median { _, drops in Double(drops) }),
                ]
            }
            return [scenario.title(of: name)] + cells
        }
        return Table(
            titles: ["candidate", "queue up, p50 / p99", "drops up", "queue down, p50 / p99", "drops down"],
            rows: rows
        )
    }

    func sweep(_ scenario: ScenarioResult) -> Table {
        let rows = (scenario.sweep?.steps ?? []).map { step in
            [
                step.setting + (step.setting == scenario.sweep?.best ? ", the best" : ""),
                step.value.map(scenario.primary.text) ?? "failed",
                step.goodput.map(Measure.goodput.text) ?? "",
            ]
        }
        return Table(
            titles: ["static setting, one trial each", scenario.primary.title, "goodput"],
            rows: rows
        )
    }

    private func missing(_ name: String, _ scenario: ScenarioResult) -> String {
        let trials = scenario.trials.filter { $0.candidate == name }
        if trials.isEmpty { return "not run" }
        return trials.allSatisfy { $0.failure != nil } ? "failed" : "-"
    }

    /// `0.21 (0.20..0.23)`.
    static func ratio(_ spread: Spread) -> String {
        range(spread) { Figures.number($0) }
    }

    private static func text(_ spread: Spread, _ measure: Measure) -> String {
        range(spread, measure.text)
    }

    /// `12.3 (11.9..14.0) ms`: the unit once, where all share it.
    private static func range(_ spread: Spread, _ text: (Double) -> String) -> String {
        guard spread.count > 1 else { return text(spread.median) }
        let parts = [spread.median, spread.minimum, spread.maximum].map { value in
            text(value).split(separator: " ", maxSplits: 1).map(String.init)
        }
        let units = Set(parts.map { $0.count > 1 ? " " + $0[1] : "" })
        guard let unit = units.first, units.count == 1 else {
            return "\(text(spread.median)) (\(text(spread.minimum))..\(text(spread.maximum)))"
        }
        return "\(parts[0][0]) (\(parts[1][0])..\(parts[2][0]))\(unit)"
    }

    /// What a reader must know before the figures.
    var notes: [String] {
        var notes: [String] = []
        if result.wasInterrupted {
            notes.append("It was stopped after \(Figures.number(result.seconds)) s: trials are missing.")
        }
        if result.rounds < 3 {
            notes.append(
                "\(result.rounds == 1 ? "One round" : "\(result.rounds) rounds"), short trials: a first answer, no proof. "
                    + "Use --full, or --rounds."
            )
        }
        notes += result.skipped.map { "\($0.name) was left out: \($0.reason)." }
        return notes + result.scenarios.flatMap(troubles)
    }

    /// What failed and what is doubtful, once for each candidate.
    private func troubles(_ scenario: ScenarioResult) -> [String] {
        scenario.candidates.flatMap { name -> [String] in
            let trials = scenario.trials.filter { $0.candidate == name }
            let failed = trials.filter { $0.failure != nil }
            let doubtful = trials.filter { !$0.warnings.isEmpty }
            func note(_ some: [Trial], _ what: String, _ reason: String?) -> [String] {
                guard let reason else { return [] }
                return [
                    "\(scenario.name), \(name): \(some.count) of \(trials.count) trials \(what): \(reason)"
                ]
            }
            return note(failed, "failed", failed.first?.failure)
                + note(doubtful, "are doubtful", doubtful.first?.warnings.first)
        }
    }

    /// Where and how it was measured.
    var facts: [(name: String, value: String)] {
        let machine = result.machine
        let versions = result.versions.sorted { $0.key < $1.key }.map { ("version of \($0.key)", $0.value) }
        return [
            ("date", result.date), ("seed", "\(result.seed)"), ("rounds", "\(result.rounds)"),
            ("took", "\(Figures.number(result.seconds)) s"),
            ("sluice", machine.facts.sluice),
            (
                "machine",
                "\(machine.cpuModel), \(machine.facts.processors) processors, \(machine.facts.architecture)"
            ),
            ("kernel", "Linux \(machine.facts.kernel)"),
            ("load average before", Figures.number(machine.loadAverageBefore)),
            (
                "congestion control of the hosts",
                Set(result.scenarios.map(\.congestionControl)).sorted().joined(separator: ", ")
            ),
        ] + versions
    }
}
