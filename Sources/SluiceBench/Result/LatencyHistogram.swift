import Histogram

/// Latencies in nanoseconds, to three significant digits (HdrHistogram).
///
/// Encodes as the values that were recorded and how often, so that results can be merged without loss.
public struct LatencyHistogram: Sendable, Equatable {
    private var histogram: Histogram<UInt64>

    /// An hour: what takes longer counts as one.
    public static let longest: UInt64 = 3_600_000_000_000

    public init() {
        histogram = Histogram(
            lowestDiscernibleValue: 1,
            highestTrackableValue: Self.longest,
            numberOfSignificantValueDigits: .three
        )
    }

    public mutating func record(_ nanoseconds: UInt64, count: UInt64 = 1) {
        histogram.record(min(nanoseconds, Self.longest), count: count)
    }

    public mutating func merge(_ other: LatencyHistogram) { histogram.add(other.histogram) }

    public var count: UInt64 { histogram.totalCount }
    /// Nanoseconds. 0 when nothing was recorded, as are all the others.
    public var minimum: UInt64 { histogram.min }
    public var maximum: UInt64 { histogram.maxRecorded }
    public var mean: Double { histogram.mean }
    /// The value that `percentile` of all are not above; 0 to 100.
    public func percentile(_ percentile: Double) -> UInt64 { histogram.valueAtPercentile(percentile) }

    /// The mean of all but the slowest 5 %: what the internet draft on responsiveness takes before it counts round
    /// trips per minute (draft-ietf-ippm-responsiveness).
    public var trimmedMean: Double {
        var left = UInt64((Double(count) * 0.95).rounded(.up))
        var sum = 0.0
        let total = Double(left)
        for bucket in buckets where left > 0 {
            let taken = min(left, bucket.count)
            sum += Double(bucket.value) * Double(taken)
            left -= taken
        }
        return total == 0 ? 0 : sum / total
    }

    /// The cumulative distribution: at most `limit` points, each a value and the share of all that are not above it.
    /// The last one is the maximum, with a share of 1.
    public func cumulative(limit: Int = 240) -> [(nanoseconds: UInt64, share: Double)] {
        let buckets = buckets
        let step = max(1, (buckets.count + limit - 2) / max(1, limit - 1))
        var sum: UInt64 = 0
        var points: [(nanoseconds: UInt64, share: Double)] = []
        for (index, bucket) in buckets.enumerated() {
            sum += bucket.count
            if index % step == 0 || index == buckets.count - 1 {
                points.append((bucket.value, Double(sum) / Double(count)))
            }
        }
        return points
    }

    private mutating func replaceMinimum(_ minimum: UInt64) {
        guard minimum > 0, histogram.valuesAreEquivalent(minimum, self.minimum) else { return }
        // Counts are what was recorded: an exact value of the same bucket changes none, but one must be taken back.
        var exact = Self()
        exact.record(minimum, count: 1)
        for (index, bucket) in buckets.enumerated() {
            let count = index == 0 ? bucket.count - 1 : bucket.count
            if count > 0 { exact.record(bucket.value, count: count) }
        }
        self = exact
    }

    private var buckets: [(value: UInt64, count: UInt64)] {
        let last = histogram.max
        return histogram.recordedValues().map {
            // The last one is known exactly.
            ($0.value >= last ? maximum : $0.value, $0.count)
        }
    }
}

extension LatencyHistogram: Codable {
    private enum Key: String, CodingKey {
        case values, counts, min
        /// For people and scripts; not read back.
        case count, mean, max, p50, p90, p99, p999
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(count, forKey: .count)
        try container.encode(UInt64(mean), forKey: .mean)
        try container.encode(minimum, forKey: .min)
        try container.encode(percentile(50), forKey: .p50)
        try container.encode(percentile(90), forKey: .p90)
        try container.encode(percentile(99), forKey: .p99)
        try container.encode(percentile(99.9), forKey: .p999)
        try container.encode(maximum, forKey: .max)
        try container.encode(buckets.map(\.value), forKey: .values)
        try container.encode(buckets.map(\.count), forKey: .counts)
    }

    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Key.self)
        let values = try container.decode([UInt64].self, forKey: .values)
        let counts = try container.decode([UInt64].self, forKey: .counts)
        // A sum beyond this would overflow the total: no run has so many.
        guard values.count == counts.count, counts.allSatisfy({ $0 < 1 << 40 }), counts.count < 1 << 20 else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts,
                in: container,
                debugDescription: "values and counts do not match"
            )
        }
        for (value, count) in zip(values, counts) where count > 0 { record(value, count: count) }
        // A bucket's value is its highest: the exact minimum takes the place of one of the first bucket.
        let minimum = try container.decode(UInt64.self, forKey: .min)
        if count > 0, minimum <= maximum { replaceMinimum(minimum) }
    }
}
