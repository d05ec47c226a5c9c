/// Bytes over time.
public struct Throughput: Sendable, Equatable {
    public var bytes: UInt64
    public var seconds: Double
    public var bitsPerSecond: Double { seconds > 0 ? Double(bytes) * 8 / seconds : 0 }
}

/// The bulk of one direction, as both ends saw it.
public struct FlowTotal: Sendable {
    public var direction: FlowDirection
    /// `nil` when that side's report is missing.
    public var sender: Throughput?
    public var receiver: Throughput?
    /// Segments that the sender sent again.
    public var retransmits: UInt64
    public var congestionControl: String
}

extension BenchResult {
    private var sides: [SideReport] { [client] + (server.map { [$0] } ?? []) }

    /// A total for each direction that carried bulk.
    public var flowTotals: [FlowTotal] {
        plan.directions.compactMap { direction in
            let lanes = sides.flatMap(\.lanes).filter { $0.direction == direction }
            let senders = lanes.filter { $0.role == .sender }
            guard !lanes.isEmpty else { return nil }
            return FlowTotal(
                direction: direction,
                sender: Self.total(senders),
                receiver: Self.total(lanes.filter { $0.role == .receiver }),
                retransmits: senders.reduce(0) { $0 + $1.retransmits },
                congestionControl: lanes.first?.congestionControl ?? "unknown"
            )
        }
    }

    private static func total(_ lanes: [LaneReport]) -> Throughput? {
        guard !lanes.isEmpty else { return nil }
        return Throughput(
            bytes: lanes.reduce(0) { $0 + $1.bytes },
            seconds: lanes.map(\.seconds).max() ?? 0
        )
    }

    /// Of both sides, in the order of `Metric` and `Phase`; without those that recorded nothing.
    public var latencies: [LatencyResult] { LatencyResult.merged(sides.flatMap(\.latencies)) }

    public func latency(_ metric: Metric, _ phase: Phase = .whole) -> LatencyHistogram? {
        latencies.first { $0.metric == metric && $0.phase == phase }?.histogram
    }

    public func tally(_ tally: Tally) -> UInt64 {
        sides.reduce(0) { $0 + ($1.tallies[tally] ?? 0) }
    }

    /// The series of a direction's bulk as one end saw it.
    public func flowSeries(_ direction: FlowDirection, _ role: FlowSeries.Role) -> FlowSeries? {
        sides.flatMap(\.flows).first { $0.direction == direction && $0.role == role }
    }

    public var latencySeries: [LatencySeries] { sides.flatMap(\.latencySeries) }

    /// Round trips per minute of a mixed run's probe: 60 s over its trimmed mean.
    public func roundTripsPerMinute(_ phase: Phase) -> Double? {
        let metric: Metric = plan.mode == .mixed && plan.probe == .tokens ? .firstToken : .response
        guard let mean = latency(metric, phase)?.trimmedMean, mean > 0 else { return nil }
        return 60e9 / mean
    }
}

extension LatencyResult {
    /// One for each metric and phase, in the order of `Metric` and `Phase`.
    public static func merged(_ all: [LatencyResult]) -> [LatencyResult] {
        Metric.allCases.flatMap { metric in
            Phase.allCases.compactMap { phase in
                let same = all.filter { $0.metric == metric && $0.phase == phase }
                guard let first = same.first else { return nil }
                return same.dropFirst().reduce(into: first) { $0.histogram.merge($1.histogram) }
            }
        }
    }
}
