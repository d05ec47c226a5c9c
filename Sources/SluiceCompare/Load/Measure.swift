import SluiceBench

/// Something that a trial measures, and what is better.
public struct Measure: Codable, Sendable, Hashable {
    /// Which way is up.
    public enum Preference: String, Codable, Sendable {
        case more, less
    }

    /// How a value is written. In JSON it is always in the base unit.
    public enum Unit: String, Codable, Sendable {
        case nanoseconds, bytes
        case bitsPerSecond = "bits_per_second"
        case perSecond = "per_second"
        case secondsPerGigabyte = "seconds_per_gigabyte"
        /// A number without a unit.
        case one
    }

    /// The key in `Measurements.values`.
    public var id: String
    /// For a table's column: `TTFT p95`.
    public var title: String
    public var unit: Unit
    public var better: Preference

    public init(_ id: String, _ title: String, _ unit: Unit, better: Preference) {
        self.id = id
        self.title = title
        self.unit = unit
        self.better = better
    }

    /// A value for people: `12.3 ms`.
    public func text(_ value: Double) -> String {
        switch unit {
        case .nanoseconds: Figures.duration(value)
        case .bytes: Figures.bytes(UInt64(max(0, value)))
        case .bitsPerSecond: Figures.rate(value)
        case .perSecond: "\(Figures.number(value))/s"
        case .secondsPerGigabyte: "\(Figures.number(value)) s/GB"
        case .one: Figures.number(value)
        }
    }
}

/// What a load's clients measured.
public struct Measurements: Sendable {
    /// By `Measure.id`.
    public var values: [String: Double]
    /// Payload that passed the proxy, both ways, as far as it is known: what its CPU time is divided by.
    public var payloadBytes: UInt64
    /// Whole results of `sluice bench client`, where there are any.
    public var results: [BenchResult]
    /// What else was distributed, for the report's curves; those of `results` need not be here.
    public var distributions: [Distribution]

    public init(
        values: [String: Double] = [:],
        payloadBytes: UInt64 = 0,
        results: [BenchResult] = [],
        distributions: [Distribution] = []
    ) {
        self.values = values
        self.payloadBytes = payloadBytes
        self.results = results
        self.distributions = distributions
    }
}

/// Latencies with a title: `pgbench transaction`.
public struct Distribution: Codable, Sendable {
    public var title: String
    public var histogram: LatencyHistogram

    public init(title: String, histogram: LatencyHistogram) {
        self.title = title
        self.histogram = histogram
    }
}
