import Foundation
import SluiceLab

/// What a run came to, for a terminal.
public struct SummaryText: Sendable {
    private let result: BenchResult

    public init(_ result: BenchResult) { self.result = result }

    public var lines: [String] {
        [notes, flows, LatencyTable(result.latencies).lines, counts, link, machine].filter { !$0.isEmpty }
            .flatMap { $0 + [""] }.dropLast()
    }

    private var notes: [String] {
        var notes: [String] = []
        if result.wasInterrupted { notes.append("stopped after \(Figures.number(result.seconds)) s") }
        if let problem = result.problem { notes.append("the server's side is missing: \(problem)") }
        for warning in result.link?.warnings ?? [] { notes.append("link \(warning)") }
        for lane in result.client.lanes {
            if let failure = lane.failure { notes.append("connection \(lane.lane) broke: \(failure)") }
        }
        return notes
    }

    private var flows: [String] {
        result.flowTotals.flatMap { total -> [String] in
            let way = total.direction == .upstream ? "up" : "down"
            func row(_ name: String, _ throughput: Throughput?, _ rest: String) -> String {
                IntervalLines.row([
                    (name, 10), (way, 6), (throughput.map { Figures.bytes($0.bytes) } ?? "unknown", 12),
                    (throughput.map { Figures.rate($0.bitsPerSecond) } ?? "", 14), (rest, 0),
                ])
            }
            return [
                row("sender", total.sender, "\(total.retransmits) retransmits, \(total.congestionControl)"),
                row("receiver", total.receiver, ""),
            ]
        }
    }

    private var counts: [String] {
        var lines = Tally.allCases.compactMap { tally -> String? in
            let count = result.tally(tally)
            guard count > 0 || tally == .stalls && result.tally(.tokens) > 0 else { return nil }
            return tally.text(count, in: result.seconds)
        }
        if let idle = result.roundTripsPerMinute(.idle), let loaded = result.roundTripsPerMinute(.loaded) {
            lines.append(
                "\(Figures.number(idle)) round trips per minute idle, \(Figures.number(loaded)) under load"
            )
        }
        if result.plan.mode == .freshness, !result.clock.isShared {
            let uncertainty = Figures.duration(result.clock.uncertainty)
            lines.append("the clocks differ between the sides: ages are estimates, within \(uncertainty)")
        }
        return lines
    }

    private var link: [String] {
        guard let link = result.link else { return [] }
        let titles = ["link", "delivered", "queue p50", "p99", "max", "dropped"]
        let rows = LinkDirection.allCases.map { direction -> [String] in
            let total = link.statistics[direction].total
            return [direction.rawValue, Figures.rate(total.deliveredBitsPerSecond)]
                + Figures.delays(
                    total.queueDelay,
                    \.p50Milliseconds,
                    \.p99Milliseconds,
                    \.maximumMilliseconds
                )
                + [Figures.drops(total.dropped)]
        }
        let table = ([titles] + rows).map { cells in
            IntervalLines.row(cells.enumerated().map { ($1, $0 == 0 ? 26 : 12) })
        }
        return ["\(link.specification): \(Figures.number(link.roundTripMilliseconds)) ms round trip"] + table
    }

    private var machine: [String] {
        var lines = [
            "CPU: client \(Figures.number(result.client.cpuSeconds)) s"
                + (result.server.map { ", server \(Figures.number($0.cpuSeconds)) s" } ?? "")
                + (result.link.map { ", link \(Figures.number($0.statistics.cpuSeconds)) s" } ?? "")
        ]
        if let observed = result.observed {
            let end = observed.hasExited ? " (it ended during the run)" : ""
            lines.append(
                "\(observed.name) (\(observed.pid)): CPU \(Figures.number(observed.cpuSeconds)) s, resident at most "
                    + "\(Figures.bytes(observed.residentPeak))\(end)"
            )
        }
        let memory = result.kernelTCPMemory
        lines.append(
            "kernel's TCP memory: mean \(Figures.bytes(memory.mean)), at most \(Figures.bytes(memory.peak))"
        )
        return lines
    }
}

/// Percentiles of several latencies, one a line.
struct LatencyTable {
    private let latencies: [LatencyResult]

    init(_ latencies: [LatencyResult]) { self.latencies = latencies }

    /// None, where nothing was recorded.
    var lines: [String] {
        guard !latencies.isEmpty else { return [] }
        let titles = ["", "count", "p50", "p90", "p99", "p99.9", "max"]
        let rows = latencies.map { latency -> [String] in
            let histogram = latency.histogram
            let percentiles = [50, 90, 99, 99.9].map { Figures.duration(histogram.percentile($0)) }
            return [latency.title, "\(histogram.count)"] + percentiles + [Figures.duration(histogram.maximum)]
        }
        return ([titles] + rows).map { cells in
            IntervalLines.row(cells.enumerated().map { ($1, $0 == 0 ? 26 : 10) })
        }
    }
}

extension LatencyResult {
    /// For a table's row or a legend.
    var title: String { phase == .whole ? metric.title : "\(metric.title), \(phase.title)" }
}

extension Tally {
    var title: String {
        switch self {
        case .requests: "requests"
        case .unanswered: "unanswered at the end"
        case .tokenStreams: "whole token streams"
        case .tokens: "tokens"
        case .stalls: "stalls"
        case .updates: "updates"
        case .connects: "connects"
        case .failures: "failures"
        }
    }

    /// `1200 requests (120/s)`.
    func text(_ count: UInt64, in seconds: Double) -> String {
        let rate = isRate && seconds > 0 ? " (\(Figures.number(Double(count) / seconds))/s)" : ""
        return "\(count) \(title)\(rate)"
    }

    /// Whether so many per second says something.
    var isRate: Bool { [.requests, .updates, .connects, .tokens].contains(self) }
}
