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
    public static let cacheHitP50 = Measure.latency(.cacheHit, 50, "GET p50")
    public static let cacheHitP95 = Measure.latency(.cacheHit, 95, "GET p95")
    public static let cacheHitP99 = Measure.latency(.cacheHit, 99, "GET p99")
    public static let cacheMissP50 = Measure.latency(.cacheMiss, 50, "GET without a value p50")
    public static let cacheStoreP50 = Measure.latency(.cacheStore, 50, "SET p50")
    public static let cacheStoreP95 = Measure.latency(.cacheStore, 95, "SET p95")
    public static let queryP50 = Measure.latency(.query, 50, "SELECT p50")
    public static let completionP50 = Measure.latency(.completion, 50, "completion p50")
    public static let endToEndP50 = Measure.latency(.endToEnd, 50, "end to end p50")
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

    /// Percentiles of latencies, and their spread, by `Measure.id`.
    static func values(_ latencies: [LatencyResult]) -> [String: Double] {
        var values: [String: Double] = [:]
        for latency in latencies where latency.phase != .idle && latency.histogram.count > 0 {
            let metric = latency.metric
            for percentile in percentiles {
                values[latencyID(metric, percentile)] = Double(latency.histogram.percentile(percentile))
            }
            let middle = latency.histogram.percentile(50)
            if middle > 0 {
                values["\(metric.rawValue)_p99_over_p50"] =
                    Double(latency.histogram.percentile(99)) / Double(middle)
            }
        }
        return values
    }
}

extension BenchLoad {
    static func values(_ result: BenchResult) -> [String: Double] {
        var values = Measure.values(result.latencies)
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
