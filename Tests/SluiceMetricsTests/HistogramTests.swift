import Testing

@testable import SluiceMetrics

@Suite struct HistogramTests {
    @Test func aValueOnABoundBelongsToItsBucket() {
        var histogram = Histogram(bounds: [1, 2])
        for value in [0.5, 1, 1.5, 2, 2.5] { histogram.record(value) }
        #expect(histogram.counts == [2, 2, 1])
        #expect(histogram.count == 5)
        #expect(histogram.sum == 7.5)
    }

    @Test func mergingAddsCountsAndSums() {
        var one = Histogram(bounds: [1])
        one.record(0.5)
        var other = Histogram(bounds: [1])
        other.record(0.25)
        other.record(4)
        one.merge(other)
        #expect(one.counts == [2, 1])
        #expect(one.sum == 4.75)
    }
}
