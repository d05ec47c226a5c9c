/// What one data connection carries. Both sides derive it from the plan and the connection's number.
enum LaneRole: Hashable, Sendable {
    case bulk(FlowDirection)
    case request
    case tokens
    case freshness(FlowDirection)

    /// Whether it waits for the second phase of a mixed run.
    var isBulk: Bool { if case .bulk = self { true } else { false } }
}

extension BenchPlan {
    /// The data connections, in the order of their numbers. A `connect` run has none: it makes them as it goes.
    var lanes: [LaneRole] {
        switch mode {
        case .stream: bulkLanes
        case .rr: Array(repeating: .request, count: parallel)
        case .tokens: Array(repeating: .tokens, count: parallel)
        case .mixed: Array(repeating: probe == .rr ? .request : .tokens, count: probes) + bulkLanes
        case .freshness: directions.flatMap { Array(repeating: .freshness($0), count: parallel) }
        case .connect: []
        }
    }

    private var bulkLanes: [LaneRole] {
        directions.flatMap { Array(repeating: .bulk($0), count: parallel) }
    }

    /// Seconds of a mixed run before the bulk begins: a third.
    public var idleSeconds: Double { mode == .mixed ? (seconds ?? 0) / 3 : 0 }
}
