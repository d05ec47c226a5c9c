import Testing

@testable import SluiceControl

/// Segments of 1000 bytes, samples a tenth of a second apart, and a smoothed round-trip time that remembers an outage.
@Suite struct RoundTripBoundTests {
    private static let interval: UInt64 = 100_000
    private static let outage: UInt32 = 2_000_000

    private func sample(unacked: UInt32, rtt: UInt32 = Self.outage) -> LegSample {
        var sample = LegSample()
        sample.fields = .all
        sample.segmentSize = 1000
        sample.congestionWindow = 100
        sample.minimumRTT = 50_000
        sample.rtt = rtt
        sample.unacked = unacked
        return sample
    }

    private func bound(_ samples: (sample: LegSample, arrived: Double)...) -> UInt32 {
        var bound = RoundTripBound()
        return samples.map { bound.note($0.sample, arrived: $0.arrived, interval: Self.interval) }.last!
    }

    /// 8 KB in flight and a burst of 2 at 100 KB/s take 100 ms.
    @Test func whatIsInFlightArrivesAtTheRateOfDelivery() {
        #expect(bound((sample(unacked: 8), 10_000)) == 100_000)
    }

    @Test func theLargerOfBothSamplesCounts() {
        #expect(bound((sample(unacked: 18), 10_000), (sample(unacked: 8), 10_000)) == 200_000)
    }

    /// A flow whose segments have all been answered has no queue of its own.
    @Test func nothingInFlightIsNoQueue() {
        #expect(bound((sample(unacked: 18), 10_000), (sample(unacked: 0), 10_000)) == 0)
    }

    @Test func withoutAnAnswerNothingIsKnown() {
        #expect(bound((sample(unacked: 8), 0)) == .max)
    }

    /// Two answers of 60 ms each, as the kernel smooths them. What is in flight alone would allow 350 ms.
    @Test func whatTheAnswersSaidIsTakenOutOfTheSmoothedTime() {
        var smoothed = Double(Self.outage)
        for _ in 0..<2 { smoothed += (60_000 - smoothed) / 8 }
        let found = bound((sample(unacked: 5), 2000), (sample(unacked: 5, rtt: UInt32(smoothed)), 2000))
        #expect(found >= 59_900 && found < 61_000)
    }

    /// With fewer answers than segments the present time is shorter still: a bound all the same.
    @Test func fewerAnswersMakeItNoShorterThanItIs() {
        let smoothed = Double(Self.outage) + (60_000 - Double(Self.outage)) / 8
        let found = bound((sample(unacked: 50), 2000), (sample(unacked: 50, rtt: UInt32(smoothed)), 2000))
        #expect(found > 60_000)
    }

    /// A time that grows is as new as it can be.
    @Test func aLongerTimeIsLeftAlone() {
        let before = sample(unacked: 8, rtt: 60_000)
        let found = bound((before, 10_000), (sample(unacked: 90, rtt: 90_000), 10_000))
        #expect(found == 920_000)
    }
}
