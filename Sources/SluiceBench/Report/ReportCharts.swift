import SluiceLab

/// The charts of one or several results. A result keeps its colour in all of them.
struct ReportCharts {
    private let results: [BenchResult]

    init(_ results: [BenchResult]) { self.results = results }

    var all: [Chart] {
        [throughput, roundTrip, latencyOverTime, queueDelay].compactMap { $0 } + cumulative
    }

    private var seconds: Axis {
        let ends = results.flatMap { result -> [Double] in
            let flows = result.client.flows.flatMap { $0.points.map(\.end) }
            let latencies = result.latencySeries.flatMap { $0.points.map(\.end) }
            let link = Double(result.link?.statistics.up.perSecond.count ?? 0)
            return flows + latencies + [link, result.seconds]
        }
        return .time("seconds", upTo: ends.max() ?? 1)
    }

    /// Where the bulk of a mixed run begins, if all results say the same.
    private var mark: (x: Double, label: String)? {
        let starts = Set(results.map(\.plan.idleSeconds))
        return starts.count == 1 && starts.first != 0 ? (starts.first ?? 0, "bulk begins") : nil
    }

    private func name(_ result: BenchResult, _ what: String) -> String {
        results.count == 1 ? what : what.isEmpty ? result.label : "\(result.label), \(what)"
    }

    private func way(_ direction: FlowDirection) -> String { direction == .upstream ? "up" : "down" }

    /// What arrived; of a side whose report is missing, what was sent.
    private var throughput: Chart? {
        let lines = lines { result, direction in
            let series = result.flowSeries(direction, .receiver) ?? result.flowSeries(direction, .sender)
            return series?.points.map { (($0.start + $0.end) / 2, $0.bitsPerSecond) }
        }
        return chart("Throughput", lines) { .linear("bit/s", upTo: $0, label: Figures.rate) }
    }

    private var roundTrip: Chart? {
        let lines = lines { result, direction in
            result.flowSeries(direction, .sender)?.points.compactMap { point in
                point.sender.map { ((point.start + point.end) / 2, $0.rttMicroseconds * 1000) }
            }
        }
        return chart("Round-trip time of the bulk's sender", lines) {
            .linear("RTT", upTo: $0, label: Figures.duration)
        }
    }

    private func lines(
        _ points: (BenchResult, FlowDirection) -> [(x: Double, y: Double)]?
    ) -> [Chart.Line] {
        results.enumerated().flatMap { index, result in
            result.plan.directions.compactMap { direction in
                guard let points = points(result, direction), !points.isEmpty else { return nil }
                return Chart.Line(
                    name: name(result, way(direction)),
                    points: points,
                    colour: results.count == 1 && direction == .downstream ? 1 : index,
                    dash: direction == .upstream ? .solid : .dashed
                )
            }
        }
    }

    private func chart(_ title: String, _ lines: [Chart.Line], y: (Double) -> Axis) -> Chart? {
        guard !lines.isEmpty else { return nil }
        let top = lines.flatMap { $0.points.map(\.y) }.max() ?? 1
        return Chart(title: title, x: seconds, y: y(top), lines: lines, mark: mark)
    }

    /// The 99th percentile of each interval. The other percentiles stand in the distributions.
    private var latencyOverTime: Chart? {
        let lines = results.enumerated().flatMap { index, result in
            result.latencySeries.enumerated().map { order, series in
                Chart.Line(
                    name: name(result, series.metric.title),
                    points: series.points.map { (($0.start + $0.end) / 2, Double($0.p99)) },
                    colour: results.count == 1 ? order : index,
                    dash: order == 0 ? .solid : .dashed
                )
            }
        }
        let values = lines.flatMap { $0.points.map(\.y) }
        guard let low = values.min(), let high = values.max() else { return nil }
        let axis = Axis.logarithmic("99th percentile", low...high, label: Figures.duration)
        return Chart(title: "99th percentile over time", x: seconds, y: axis, lines: lines, mark: mark)
    }

    /// Of each second. A packet that waits in the link's own queue makes everybody behind it wait.
    private var queueDelay: Chart? {
        let lines = results.enumerated().flatMap { index, result in
            LinkDirection.allCases.compactMap { direction -> Chart.Line? in
                guard let seconds = result.link?.statistics[direction].perSecond, !seconds.isEmpty else {
                    return nil
                }
                return Chart.Line(
                    name: name(result, direction.rawValue),
                    points: seconds.enumerated().map {
                        (Double($0) + 0.5, $1.queueDelay.p99Milliseconds * 1e6)
                    },
                    colour: results.count == 1 && direction == .down ? 1 : index,
                    dash: direction == .up ? .solid : .dashed
                )
            }
        }
        return chart("99th percentile of the wait in the link's queue", lines) {
            .linear("wait", upTo: $0, label: Figures.duration)
        }
    }

    /// One chart for each metric: it compares the results, and idle with loaded.
    private var cumulative: [Chart] {
        Metric.allCases.compactMap { metric in
            let found = results.enumerated().flatMap { index, result in
                result.latencies.filter { $0.metric == metric }.map { (index, result, $0) }
            }
            guard !found.isEmpty else { return nil }
            let lines = found.map { index, result, latency in
                Chart.Line(
                    name: name(result, latency.title),
                    points: latency.histogram.cumulative().map { (Double($0.nanoseconds), $0.share) },
                    colour: results.count == 1 && latency.phase == .loaded ? 1 : index,
                    dash: latency.phase == .loaded ? .dashed : .solid
                )
            }
            let values = lines.flatMap { $0.points.map(\.x) }
            return Chart(
                title: "Distribution: \(metric.title)",
                x: .logarithmic(
                    "not longer than",
                    (values.min() ?? 1)...(values.max() ?? 1),
                    label: Figures.duration
                ),
                y: .nines("share", samples: found.map(\.2.histogram.count).max() ?? 1),
                lines: lines
            )
        }
    }
}
