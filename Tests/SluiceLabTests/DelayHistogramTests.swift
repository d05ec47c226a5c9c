import Testing

@testable import SluiceLab

struct DelayHistogramTests {
    @Test("percentiles are within 3 %, minimum and maximum exact", arguments: [3, 700, 90_000, 5_000_000])
    func accuracy(scaleMicroseconds: Int) {
        var histogram = DelayHistogram()
        for step in 1...1000 { histogram.record(nanoseconds: step * scaleMicroseconds * 1000) }
        let summary = histogram.summary
        let unit = Double(scaleMicroseconds) / 1000
        #expect(summary.minimumMilliseconds == unit)
        #expect(summary.maximumMilliseconds == 1000 * unit)
        for (measured, rank) in [
            (summary.p50Milliseconds, 500.0), (summary.p90Milliseconds, 900), (summary.p99Milliseconds, 990),
        ] {
            #expect(abs(measured - rank * unit) <= max(0.03 * rank * unit, 0.001))
        }
    }

    @Test("without a delay, and after a reset, all is zero")
    func empty() {
        var histogram = DelayHistogram()
        #expect(histogram.summary.maximumMilliseconds == 0)
        histogram.record(nanoseconds: 5_000_000)
        histogram.reset()
        #expect(histogram.summary == DelayHistogram().summary)
    }
}
