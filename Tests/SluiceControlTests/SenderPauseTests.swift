import Testing

@testable import SluiceControl

/// 1 MB/s over 100 ms have 100 KB in flight, 69 segments.
@Suite struct SenderPauseTests {
    private static let rate: UInt64 = 1_000_000
    private static let interval: UInt64 = 100_000

    private func sample(window: UInt32) -> LegSample {
        var sample = LegSample()
        sample.fields = .all
        sample.rtt = 110_000
        sample.minimumRTT = 100_000
        sample.segmentSize = 1448
        sample.congestionWindow = window
        return sample
    }

    private func note(_ pause: inout SenderPause, window: UInt32, rate: UInt64? = Self.rate, at time: UInt64)
    {
        pause.note(sample(window: window), pacingRate: rate, interval: Self.interval, at: time)
    }

    @Test func aWindowOfFourSegmentsIsAPauseUntilWhatFollowsHasShown() {
        var pause = SenderPause()
        note(&pause, window: 80, at: 1_000_000)
        #expect(!pause.isOn(at: 1_000_000))
        note(&pause, window: 4, at: 2_000_000)
        #expect(pause.isOn(at: 2_000_000))
        note(&pause, window: 80, at: 2_200_000)
        // A round trip and two samples after the last small window.
        #expect(pause.isOn(at: 2_309_999))
        #expect(!pause.isOn(at: 2_310_000))
    }

    @Test(arguments: [(UInt32(34), true), (35, false)])
    func halfOfWhatTheRateNeedsIsEnough(window: UInt32, pauses: Bool) {
        var pause = SenderPause()
        note(&pause, window: 80, at: 1_000_000)
        note(&pause, window: window, at: 2_000_000)
        #expect(pause.isOn(at: 2_000_000) == pauses)
    }

    @Test func aWindowThatWasNeverLargeEnoughIsNoPause() {
        var pause = SenderPause()
        note(&pause, window: 4, at: 1_000_000)
        #expect(!pause.isOn(at: 1_000_000))
        note(&pause, window: 80, at: 1_100_000)
        note(&pause, window: 80, rate: nil, at: 1_200_000)
        note(&pause, window: 4, at: 1_300_000)
        #expect(!pause.isOn(at: 1_300_000), "it is paced anew")
    }

    @Test func afterASecondItIsTheLine() {
        var pause = SenderPause()
        note(&pause, window: 80, at: 1_000_000)
        for time in stride(from: UInt64(2_000_000), through: 4_000_000, by: 100_000) {
            note(&pause, window: 4, at: time)
        }
        #expect(pause.isOn(at: 2_900_000 + 309_999) && !pause.isOn(at: 3_210_000))
    }
}
