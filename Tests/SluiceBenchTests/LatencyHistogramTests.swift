import Foundation
import Histogram
import Testing

@testable import SluiceBench

@Suite struct LatencyHistogramTests {
    /// HdrHistogram's promise for three significant digits: no value is off by more than a thousandth.
    private static let error = 1e-3

    @Test func `percentiles are within a thousandth of the sorted values`() {
        forEachCase(20) { generator in
            // From a microsecond to ten seconds, as latencies lie.
            let values = (0..<20_000).map { _ in UInt64(pow(10, 3 + 7 * generator.nextFraction())) }
            var histogram = LatencyHistogram()
            for value in values { histogram.record(value) }
            let sorted = values.sorted()
            for permille in [10, 250, 500, 900, 990, 999] {
                let exact = Double(sorted[(permille * sorted.count + 999) / 1000 - 1])
                #expect(
                    abs(Double(histogram.percentile(Double(permille) / 10)) - exact) <= exact * Self.error + 1
                )
            }
            #expect(histogram.minimum == sorted.first)
            #expect(histogram.maximum == sorted.last)
            let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
            #expect(abs(histogram.mean - mean) <= mean * Self.error)
        }
    }

    @Test func `it tells what HdrHistogram itself tells`() {
        forEachCase(20) { generator in
            var ours = LatencyHistogram()
            var theirs = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
            for _ in 0..<1000 {
                let value = UInt64.random(in: 1...10_000_000_000, using: &generator)
                ours.record(value)
                theirs.record(value)
            }
            for percentile in [0, 50, 90, 99, 99.9, 100] {
                #expect(ours.percentile(percentile) == theirs.valueAtPercentile(percentile))
            }
        }
    }

    @Test func `coding loses nothing`() throws {
        try forEachCase(50) { generator in
            var histogram = LatencyHistogram()
            for _ in 0..<Int.random(in: 0...500, using: &generator) {
                histogram.record(
                    UInt64(pow(10, 9 * generator.nextFraction())),
                    count: .random(in: 1...9, using: &generator)
                )
            }
            let copy = try JSONDecoder().decode(LatencyHistogram.self, from: JSONEncoder().encode(histogram))
            #expect(copy.count == histogram.count)
            for percentile in [0, 10, 50, 90, 99, 99.9, 100] {
                #expect(copy.percentile(percentile) == histogram.percentile(percentile))
            }
            #expect(copy.maximum == histogram.maximum)
            #expect(copy.minimum == histogram.minimum)
        }
    }

    @Test func `merging is recording both`() {
        forEachCase(20) { generator in
            var (left, right, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
            for _ in 0..<500 {
                let value = UInt64.random(in: 0...1_000_000_000, using: &generator)
                if Bool.random(using: &generator) { left.record(value) } else { right.record(value) }
                both.record(value)
            }
            left.merge(right)
            #expect(left == both)
        }
    }

    @Test func `what is too long counts as an hour, and is not lost`() {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        #expect(histogram.count == 1)
        #expect(histogram.maximum == LatencyHistogram.longest)
    }

    @Test func `the cumulative distribution rises to one, at the maximum`() throws {
        try forEachCase(50) { generator in
            var histogram = LatencyHistogram()
            for _ in 0..<Int.random(in: 1...3000, using: &generator) {
                histogram.record(UInt64(pow(10, 9 * generator.nextFraction())))
            }
            let points = histogram.cumulative(limit: 100)
            #expect(points.count <= 101)
            let last = try #require(points.last)
            #expect(last.share == 1)
            #expect(last.nanoseconds == histogram.maximum)
            #expect(
                zip(points, points.dropFirst()).allSatisfy {
                    $0.nanoseconds < $1.nanoseconds && $0.share < $1.share
                }
            )
        }
    }

    @Test func `the trimmed mean leaves the slowest twentieth out`() {
        var histogram = LatencyHistogram()
        histogram.record(1000, count: 95)
        histogram.record(1_000_000, count: 5)
        #expect(histogram.trimmedMean == 1000)
        #expect(LatencyHistogram().trimmedMean == 0)
    }

    @Test func `damaged counts are refused`() {
        let text = #"{"values":[1,2],"counts":[1],"count":1}"#
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(LatencyHistogram.self, from: Data(text.utf8))
        }
    }
}
