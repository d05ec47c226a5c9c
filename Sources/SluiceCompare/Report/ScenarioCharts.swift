import SluiceBench

/// The charts of one scenario.
struct ScenarioCharts {
    let scenario: ScenarioResult

    var markup: [Markup] {
        scenario.measures.map { spread($0).markup } + distributions.map(\.markup)
            + [throughput].compactMap { $0?.markup }
    }

    private func style(_ candidate: String) -> CandidateStyle {
        CandidateStyle(candidate, among: scenario.candidates)
    }

    private func spread(_ measure: Measure) -> SpreadChart {
        let rows = scenario.candidates
            .map { name in
                SpreadChart.Row(
                    name: scenario.title(of: name),
                    values: Array(scenario.values(measure, of: name).values),
                    colour: style(name).colour
                )
            }
            .filter { !($0.values.isEmpty && measure.isOfProxy && $0.name == Candidate.direct.name) }
        return SpreadChart(
            title: measure.title,
            axis: Self.axis(measure, rows.flatMap(\.values)),
            rows: rows
        )
    }

    /// From zero, unless that would squeeze most of them into a corner.
    private static func axis(_ measure: Measure, _ values: [Double]) -> Axis {
        let better = measure.better == .less ? "less is better" : "more is better"
        let high = values.max() ?? 1
        let low = values.filter { $0 > 0 }.min() ?? high
        return low >= 1 && high / low > 20
            ? .logarithmic(better, low...high, label: measure.text)
            : .linear(better, upTo: high, label: measure.text)
    }

    /// One chart for each latency, all rounds of a candidate together.
    private var distributions: [Chart] {
        var titles: [String] = []
        var merged: [String: [String: LatencyHistogram]] = [:]
        for trial in scenario.trials {
            for distribution in trial.allDistributions where distribution.histogram.count > 0 {
                let title = distribution.title
                if merged[title] == nil { titles.append(title) }
                merged[title, default: [:]][trial.candidate, default: LatencyHistogram()]
                    .merge(distribution.histogram)
            }
        }
        return titles.map { chart($0, merged[$0] ?? [:]) }
    }

    private func chart(_ title: String, _ histograms: [String: LatencyHistogram]) -> Chart {
        let lines = lines { name in
            histograms[name]?.cumulative(limit: 120).map { (Double($0.nanoseconds), $0.share) }
        }
        let values = lines.flatMap { $0.points.map(\.x) }
        return Chart(
            title: "Distribution: \(title)",
            x: .logarithmic(
                "not longer than",
                (values.min() ?? 1)...(values.max() ?? 1),
                label: Figures.duration
            ),
            y: .nines("share", samples: histograms.values.map(\.count).max() ?? 1),
            lines: lines
        )
    }

    /// Of the round whose primary measure is the median.
    private var throughput: Chart? {
        let lines = lines { name in medianTrial(of: name).flatMap(Self.throughput) }
        guard !lines.isEmpty else { return nil }
        let points = lines.flatMap(\.points)
        return Chart(
            title: "Throughput of the bulk over time, in each candidate's median round",
            x: .time("seconds", upTo: points.map(\.x).max() ?? 1),
            y: .linear("bit/s", upTo: points.map(\.y).max() ?? 1, label: Figures.rate),
            lines: lines
        )
    }

    private func lines(_ points: (String) -> [(x: Double, y: Double)]?) -> [Chart.Line] {
        scenario.candidates.compactMap { name in
            guard let points = points(name), !points.isEmpty else { return nil }
            let style = style(name)
            return Chart.Line(
                name: scenario.title(of: name),
                points: points,
                colour: style.colour,
                dash: style.dash
            )
        }
    }

    private func medianTrial(of candidate: String) -> Trial? {
        let id = scenario.primary.id
        let sorted = scenario.trials.filter { $0.candidate == candidate && $0.values[id] != nil }
            .sorted { ($0.values[id] ?? 0) < ($1.values[id] ?? 0) }
        return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }

    /// What arrived, both directions together.
    private static func throughput(_ trial: Trial) -> [(x: Double, y: Double)]? {
        let series = trial.results.flatMap { result in
            result.plan.directions.compactMap { result.flowSeries($0, .receiver) }
        }
        guard let first = series.first else { return nil }
        return first.points.indices.map { index in
            let point = first.points[index]
            let sum = series.reduce(0) { sum, one in
                index < one.points.count ? sum + one.points[index].bitsPerSecond : sum
            }
            return ((point.start + point.end) / 2, sum)
        }
    }
}

extension Trial {
    /// Those of its results, without the idle part of mixed runs, and those that stand by themselves.
    var allDistributions: [Distribution] {
        let ofResults = results.flatMap(\.latencies).filter { $0.phase != .idle }
            .map { Distribution(title: $0.metric.title, histogram: $0.histogram) }
        return ofResults + distributions
    }
}
