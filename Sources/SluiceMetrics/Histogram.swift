/// A histogram with fixed bucket bounds, as Prometheus understands it.
///
/// Not thread-safe: each event loop owns its own, and a scrape merges copies of them.
public struct Histogram: Sendable, Hashable {
    /// Upper bounds of the buckets, ascending, in base units; `+Inf` is implied.
    public let bounds: [Double]
    /// One count a bucket (not cumulative), and the last for what is above every bound.
    public private(set) var counts: [UInt64]
    public private(set) var sum: Double = 0

    public init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds ascend")
        self.bounds = bounds
        self.counts = Array(repeating: 0, count: bounds.count + 1)
    }

    public var count: UInt64 { counts.reduce(0, +) }

    /// Never allocates.
    public mutating func record(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index] += 1
        sum += value
    }

    /// Both histograms have the same bounds.
    public mutating func merge(_ other: Histogram) {
        precondition(bounds == other.bounds, "only histograms of the same bounds merge")
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
