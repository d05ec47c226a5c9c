/// Delays in buckets that are 3 % wide, from a microsecond to an hour.
///
/// Below 64 µs a bucket is 1 µs; above, each doubling of the delay has 32 buckets.
struct DelayHistogram {
    private var counts = [UInt32](repeating: 0, count: 1056)
    private var count = 0
    private var minimum = Int.max
    private var maximum = 0

    /// Never allocates. Counts a negative delay as none.
    mutating func record(nanoseconds: Int) {
        let nanoseconds = max(0, nanoseconds)
        counts[Self.bucket(microseconds: min(nanoseconds / 1000, 1 << 36))] += 1
        count += 1
        minimum = min(minimum, nanoseconds)
        maximum = max(maximum, nanoseconds)
    }

    mutating func reset() {
        guard count > 0 else { return }
        for index in counts.indices { counts[index] = 0 }
        count = 0
        minimum = .max
        maximum = 0
    }

    var summary: DelaySummary {
        DelaySummary(
            minimumMilliseconds: count == 0 ? 0 : Double(minimum) / 1e6,
            p50Milliseconds: percentile(0.5),
            p90Milliseconds: percentile(0.9),
            p99Milliseconds: percentile(0.99),
            maximumMilliseconds: Double(maximum) / 1e6
        )
    }

    /// The middle of the bucket that holds it.
    private func percentile(_ fraction: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((Double(count) * fraction).rounded(.up)))
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += Int(count)
            if seen >= rank { return min(Self.middle(ofBucket: index), Double(maximum) / 1000) / 1000 }
        }
        return Double(maximum) / 1e6
    }

    private static func bucket(microseconds: Int) -> Int {
        guard microseconds >= 64 else { return microseconds }
        let shift = Int.bitWidth - 1 - microseconds.leadingZeroBitCount - 5
        return min(shift * 32 + (microseconds >> shift), 1055)
    }

    private static func middle(ofBucket index: Int) -> Double {
        guard index >= 64 else { return Double(index) + 0.5 }
        let shift = index / 32 - 1
        return Double((index - shift * 32) << shift) + Double(1 << shift) / 2
    }
}
