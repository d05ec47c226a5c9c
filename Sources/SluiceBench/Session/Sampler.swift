/// Turns what the lanes have counted into points of a series, one for each interval.
struct Sampler {
    private let lanes: [Lane]
    private let run: RunState
    private var lastBytes: [UInt64]
    private var lastRetransmits: [UInt64]
    private var lastEnd = 0.0
    private(set) var flows: [FlowSeries]
    private(set) var latencies: [LatencySeries] = []

    init(lanes: [Lane], run: RunState) {
        self.lanes = lanes
        self.run = run
        lastBytes = lanes.map { _ in 0 }
        lastRetransmits = lanes.map { UInt64($0.socket.sample?.segmentsRetransmitted ?? 0) }
        flows = FlowDirection.allCases.compactMap { direction in
            let role = lanes.first { $0.direction == direction }?.flowRole
            return role.map { FlowSeries(direction: direction, role: $0) }
        }
    }

    /// Ends the interval that lasts until now. Returns what happened in it.
    mutating func takeInterval() -> IntervalReport {
        let now = Double(BenchClock.now - run.beganAt) / 1e9
        let start = lastEnd
        lastEnd = now
        let lanePoints = lanes.indices.compactMap { index -> IntervalReport.Lane? in
            guard let direction = lanes[index].direction, let role = lanes[index].flowRole else { return nil }
            let point = lanePoint(index, isSender: role == .sender, from: start, to: now)
            return .init(lane: lanes[index].index, direction: direction, role: role, point: point)
        }
        var sums: [IntervalReport.Flow] = []
        for index in flows.indices {
            let points = lanePoints.filter { $0.direction == flows[index].direction }.map(\.point)
            let sum = Self.sum(points, from: start, to: now)
            flows[index].points.append(sum)
            sums.append(.init(direction: flows[index].direction, role: flows[index].role, point: sum))
        }
        return IntervalReport(
            start: start,
            end: now,
            lanes: lanePoints,
            flows: sums,
            latencies: takeLatencies(from: start, to: now)
        )
    }

    private mutating func lanePoint(_ index: Int, isSender: Bool, from start: Double, to end: Double)
        -> FlowPoint
    {
        let bytes = lanes[index].bytes
        defer { lastBytes[index] = bytes }
        let state = isSender ? senderState(index) : nil
        return FlowPoint(start: start, end: end, bytes: bytes - lastBytes[index], sender: state)
    }

    private mutating func senderState(_ index: Int) -> SenderState? {
        guard let sample = lanes[index].socket.sample else { return nil }
        let retransmits = UInt64(sample.segmentsRetransmitted)
        defer { lastRetransmits[index] = retransmits }
        return SenderState(
            rttMicroseconds: Double(sample.rtt),
            retransmits: retransmits - min(lastRetransmits[index], retransmits),
            congestionWindow: UInt64(sample.congestionWindowBytes),
            sendQueue: UInt64(lanes[index].socket.outputQueue)
        )
    }

    private static func sum(_ points: [FlowPoint], from start: Double, to end: Double) -> FlowPoint {
        let states = points.compactMap(\.sender)
        let state =
            states.isEmpty
            ? nil
            : SenderState(
                rttMicroseconds: states.reduce(0) { $0 + $1.rttMicroseconds } / Double(states.count),
                retransmits: states.reduce(0) { $0 + $1.retransmits },
                congestionWindow: states.reduce(0) { $0 + $1.congestionWindow },
                sendQueue: states.reduce(0) { $0 + $1.sendQueue }
            )
        return FlowPoint(start: start, end: end, bytes: points.reduce(0) { $0 + $1.bytes }, sender: state)
    }

    private mutating func takeLatencies(from start: Double, to end: Double) -> [IntervalReport.Latency] {
        let recorded = run.recorders.takeInterval()
        return Metric.allCases.compactMap { metric in
            guard let histogram = recorded[metric] else { return nil }
            let point = LatencyPoint(
                start: start,
                end: end,
                count: histogram.count,
                p50: histogram.percentile(50),
                p99: histogram.percentile(99),
                max: histogram.maximum
            )
            if let index = latencies.firstIndex(where: { $0.metric == metric }) {
                latencies[index].points.append(point)
            } else {
                latencies.append(LatencySeries(metric: metric, points: [point]))
            }
            return .init(metric: metric, point: point)
        }
    }
}

/// What one side saw in one interval: what an interval line shows.
public struct IntervalReport: Sendable {
    public struct Lane: Sendable {
        public var lane: Int
        public var direction: FlowDirection
        public var role: FlowSeries.Role
        public var point: FlowPoint
    }
    public struct Flow: Sendable {
        public var direction: FlowDirection
        public var role: FlowSeries.Role
        public var point: FlowPoint
    }
    public struct Latency: Sendable {
        public var metric: Metric
        public var point: LatencyPoint
    }

    /// Seconds since the run began.
    public var start: Double
    public var end: Double
    public var lanes: [Lane]
    /// The lanes of each direction together.
    public var flows: [Flow]
    public var latencies: [Latency]
}
