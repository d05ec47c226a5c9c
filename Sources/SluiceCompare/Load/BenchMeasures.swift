import SluiceBench

// What a bench result is worth, as measures. In a mixed run, latencies are those beside the bulk.

extension Measure {
    public static let responseP50 = Measure.latency(.response, 50, "request p50")
    public static let responseP95 = Measure.latency(.response, 95, "request p95")
    public static let responseP99 = Measure.latency(.response, 99, "request p99")
    public static let responseSpread = Measure("response_p99_over_p50", "p99/p50", .one, better: .less)
    public static let firstTokenP50 = Measure.latency(.firstToken, 50, "first token p50")
    public static let firstTokenP95 = Measure.latency(.firstToken, 95, "first token p95")
    public static let tokenGapP50 = Measure.latency(.tokenGap, 50, "token gap p50")
    public static let tokenGapP99 = Measure.latency(.tokenGap, 99, "token gap p99")
    public static let tokenGapSpread = Measure("tokenGap_p99_over_p50", "gap p99/p50", .one, better: .less)
    public static let ageP50 = Measure.latency(.age, 50, "age p50")
    public static let ageP95 = Measure.latency(.age, 95, "age p95")
    /// What all receivers of bulk got, both directions together.
    public static let goodput = Measure("goodput", "goodput", .bitsPerSecond, better: .more)

    /// Percentiles that exist for every latency.
    static let percentiles = [50.0, 95, 99]

    private static func latency(_ metric: Metric, _ percentile: Double, _ title: String) -> Measure {
        Measure(latencyID(metric, percentile), title, .nanoseconds, better: .less)
    }

    static func latencyID(_ metric: Metric, _ percentile: Double) -> String {
        "\(metric.rawValue)_p\(Int(percentile))"
    }
}

extension BenchLoad {
    static func values(_ result: BenchResult) -> [String: Double] {
        var values: [String: Double] = [:]
        for latency in result.latencies where latency.phase != .idle && latency.histogram.count > 0 {
            let metric = latency.metric
            for percentile in Measure.percentiles {
                values[Measure.latencyID(metric, percentile)] = Double(
                    latency.histogram.percentile(percentile)
                )
            }
            let middle = latency.histogram.percentile(50)
            if middle > 0 {
                values["\(metric.rawValue)_p99_over_p50"] =
                    Double(latency.histogram.percentile(99)) / Double(middle)
            }
        }
        let received = result.flowTotals.compactMap(\.receiver)
        if !received.isEmpty {
            values[Measure.goodput.id] = received.reduce(0) { $0 + $1.bitsPerSecond }
        }
        return values
    }

    /// Of bulk; what the probes carry beside it is little.
    static func payloadBytes(_ result: BenchResult) -> UInt64 {
        result.flowTotals.compactMap(\.receiver).reduce(0) { $0 + $1.bytes }
    }
}
