import Foundation

/// The lines of a run while it lasts, much as iperf3 writes them.
public struct IntervalLines: Sendable {
    private let plan: BenchPlan

    public init(_ plan: BenchPlan) { self.plan = plan }

    /// The titles of the columns.
    public var header: String {
        switch plan.mode {
        case .stream: Self.flowHeader
        case .freshness: "\(Self.flowHeader)\n\(Self.latencyHeader)"
        case .mixed: "\(Self.flowHeader)\n\(Self.latencyHeader)"
        case .rr, .tokens, .connect: Self.latencyHeader
        }
    }

    /// One interval.
    public func lines(_ interval: IntervalReport) -> [String] {
        let several = plan.lanes.count { $0.isFlow } > interval.flows.count
        let lanes =
            several
            ? interval.lanes.map { flowLine("\($0.lane)", $0.direction, $0.role, $0.point) } : []
        let flows = interval.flows.map { flowLine(several ? "SUM" : "-", $0.direction, $0.role, $0.point) }
        return lanes + flows + interval.latencies.map(latencyLine)
    }

    private static let flowHeader =
        "[ ID] seconds        way         bytes       bitrate        RTT        retr   cwnd        send queue"
    private static let latencyHeader =
        "[ ID] seconds        latency     count       p50            p99        max"

    private func flowLine(
        _ name: String,
        _ direction: FlowDirection,
        _ role: FlowSeries.Role,
        _ point: FlowPoint
    ) -> String {
        var cells = [
            (Self.bracketed(name), 5), (Self.span(point.start, point.end), 14),
            (direction == .upstream ? "up" : "down", 11), (Figures.bytes(point.bytes), 11),
            (Figures.rate(point.bitsPerSecond), 14),
        ]
        if let sender = point.sender {
            cells += [
                (Figures.duration(sender.rttMicroseconds * 1000), 10), ("\(sender.retransmits)", 6),
                (Figures.bytes(sender.congestionWindow), 11), (Figures.bytes(sender.sendQueue), 10),
            ]
        } else {
            // The kernel tells these to the sending side, here the server; the report has them.
            cells += [("(received)", 10)]
        }
        return Self.row(cells)
    }

    private func latencyLine(_ latency: IntervalReport.Latency) -> String {
        let point = latency.point
        return Self.row([
            (Self.bracketed("-"), 5), (Self.span(point.start, point.end), 14), (latency.metric.title, 11),
            ("\(point.count)", 11), (Figures.duration(point.p50), 14), (Figures.duration(point.p99), 10),
            (Figures.duration(point.max), 6),
        ])
    }

    private static func bracketed(_ name: String) -> String {
        "[" + String(repeating: " ", count: max(0, 3 - name.count)) + name + "]"
    }

    private static func span(_ start: Double, _ end: Double) -> String {
        String(format: "%.2f-%.2f", start, end)
    }

    /// Cells side by side, each filled up to its width.
    static func row(_ cells: [(text: String, width: Int)]) -> String {
        let padded = cells.map { $0.text + String(repeating: " ", count: max(0, $0.width - $0.text.count)) }
        return String(padded.joined(separator: " ").reversed().drop { $0 == " " }.reversed())
    }
}

extension LaneRole {
    /// Whether bytes flow one way over it.
    var isFlow: Bool {
        switch self {
        case .bulk, .freshness: true
        case .request, .tokens: false
        }
    }
}
