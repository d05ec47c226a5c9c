import Testing

@testable import SluiceControl

@Suite struct LegSampleTests {
    private func sample(window: UInt32 = 100, roundTrip: UInt32, rate: UInt64) -> LegSample {
        var sample = LegSample()
        sample.fields = .all
        sample.congestionWindow = window
        sample.segmentSize = 1448
        sample.minimumRTT = roundTrip
        sample.deliveryRate = rate
        return sample
    }

    /// As a capture shows it: 2 segments at 1 Mbit/s and 24 ms, and half of the congestion window on a path below a millisecond.
    @Test func aBurstIsWhatTheKernelSendsAtOnce() {
        func burst(window: UInt32, roundTrip: UInt32, rate: UInt64) -> Double {
            sample(window: window, roundTrip: roundTrip, rate: rate).burstBytes
        }
        #expect(burst(window: 8, roundTrip: 24_000, rate: 125_000) == 2 * 1448)
        #expect(burst(window: 8, roundTrip: 900, rate: 125_000) == 4 * 1448)
        #expect(burst(window: 100, roundTrip: 2351, rate: 128_000) == 4096 + 125)
        #expect(burst(window: 100, roundTrip: 400, rate: 12_500_000) == 65_536)
        #expect(burst(window: 1000, roundTrip: 50_000, rate: 12_800_000) == 12_500)
        #expect(burst(window: 1, roundTrip: 0, rate: 0) == 2 * 1448)
    }

    /// While a loss is repaired the acknowledged bytes stand still, and segments go on arriving.
    @Test func segmentsBehindAGapDoNotMakeTheMeanSmaller() {
        var marks = CounterMarks()
        var sample = sample(roundTrip: 24_000, rate: 125_000)
        sample.segmentsDelivered = 100
        sample.bytesAcked = 100 * 1448
        _ = marks.advance(to: sample, interval: 100_000)
        sample.segmentsDelivered = 140
        sample.sacked = 40
        #expect(marks.advance(to: sample, interval: 100_000).delivered == 40.0 * 1448)
    }

    /// Small messages leave in segments that are not full.
    @Test func theMeanCountsSmallSegments() {
        var sample = sample(roundTrip: 24_000, rate: 125_000)
        sample.segmentsDelivered = 10
        sample.bytesAcked = 1000
        #expect(sample.meanSegment == 100)
        sample.sacked = 20
        #expect(sample.meanSegment == 1000, "a kernel's nonsense")
    }
}
