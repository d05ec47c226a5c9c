import SluiceRandom
import Testing

@testable import SluiceControl

/// What the estimator remembers, and for how long.
@Suite struct PathEstimatorTests {
    private func sample(rtt: UInt32, acked: UInt64) -> LegSample {
        var sample = LegSample()
        sample.fields = .all
        sample.rtt = rtt
        sample.segmentSize = 1448
        sample.congestionWindow = 10
        sample.unacked = 10
        sample.notSent = 100_000
        sample.bytesAcked = acked
        return sample
    }

    /// Feeds samples 100 ms apart and returns the minimum after each.
    private func minima(of roundTrips: [UInt32], acking: Bool = true) -> [UInt32?] {
        var controller = DirectionController(.network)
        return roundTrips.enumerated().map { index, rtt in
            let time = UInt64(index) * 100_000
            _ = controller.observe(
                sink: sample(rtt: rtt, acked: acking ? time / 10 : 0),
                relayedBytes: time / 10,
                at: time
            )
            return controller.estimate.minimumRTT
        }
    }

    @Test func minimumExpiresAfterTenSeconds() {
        let seen = minima(of: [10_000] + Array(repeating: 50_000, count: 150))
        #expect(seen[90] == 10_000)
        #expect(seen[110] == 50_000)
    }

    @Test func aLowerRoundTripCountsAtOnce() {
        #expect(minima(of: [50_000, 50_000, 20_000]).last == 20_000)
    }

    @Test func silenceExpiresNothing() {
        let seen = minima(of: [10_000] + Array(repeating: 50_000, count: 150), acking: false)
        #expect(seen.last == 10_000)
    }

    @Test func windowedBestIsTheBestOfTheWindowOrYounger() {
        var random = SplitMix64(seed: 5)
        var best = WindowedBest<UInt32>(500, at: 0)
        var values: [(time: UInt32, value: UInt32)] = [(0, 500)]
        for step in 1..<5000 {
            let time = UInt32(step) * 10
            let value = UInt32.random(in: 0..<1000, using: &random)
            best.insert(value, at: time, window: 1000, by: >)
            values.append((time, value))
            let recent = values.suffix(101).map(\.value)
            // Runners-up come from parts of the window: the answer may miss some, but is of the window, and
            // never below its last quarter's best.
            #expect(recent.contains(best.value))
            #expect(best.value >= recent.suffix(25).max() ?? 0)
        }
    }

    @Test func timesMayWrap() {
        var best = WindowedBest<UInt32>(9, at: .max - 10)
        best.insert(5, at: 100, window: 1000, by: >)
        #expect(best.value == 9)
        best.insert(5, at: 1200, window: 1000, by: >)
        #expect(best.value == 5)
    }

    @Test func anAppLimitedRateIsALowerBound() {
        var controller = DirectionController(.network)
        var acked: UInt64 = 0
        func feed(_ ticks: Range<Int>, bytesPerTick: UInt64, dry: Bool) {
            for tick in ticks {
                acked += bytesPerTick
                var sample = sample(rtt: 10_000, acked: acked)
                sample.isAppLimited = dry
                sample.notSent = dry ? 0 : 100_000
                sample.busy = UInt64(tick) * 100_000
                _ = controller.observe(sink: sample, relayedBytes: acked, at: UInt64(tick) * 100_000)
            }
        }
        feed(0..<20, bytesPerTick: 1_000_000, dry: false)
        feed(20..<60, bytesPerTick: 10_000, dry: true)
        #expect((controller.estimate.bandwidth ?? 0) > 9e6)
        feed(60..<100, bytesPerTick: 100_000, dry: false)
        let bandwidth = controller.estimate.bandwidth ?? 0
        #expect(bandwidth > 0.9e6 && bandwidth < 1.1e6)
    }

    @Test func growthSettlesAfterThreeRoundTrips() {
        var growth = BandwidthGrowth()
        growth.note(100, at: 0)
        growth.note(200, at: 100)
        growth.note(220, at: 200)
        #expect(!growth.isSettled(at: 390, smoothedRTT: 100_000))
        #expect(growth.isSettled(at: 400, smoothedRTT: 100_000))
        growth.note(300, at: 410)
        #expect(!growth.isSettled(at: 500, smoothedRTT: 1000))
    }
}
