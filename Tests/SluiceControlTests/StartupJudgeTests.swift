import Testing

@testable import SluiceControl

/// When BBR is to begin anew.
@Suite struct StartupJudgeTests {
    private static let path: UInt32 = 100_000

    /// One sample, 100 ms after the one before.
    private struct Seen {
        var hasQueue = false
        var hasLost = false
        var isHeld = false
        var hasUnsent = true

        var evidence: Evidence {
            var evidence = Evidence(interval: 100_000)
            evidence.retransmitted = hasLost ? 1448 : 0
            evidence.receiverLimitedShare = isHeld ? 1 : 0
            evidence.hasUnsent = hasUnsent
            return evidence
        }
    }

    /// In which samples it begins again.
    private func restarts(_ samples: [Seen], path: UInt32 = Self.path) -> [Int] {
        var judge = StartupJudge()
        return samples.indices.filter {
            judge.note(samples[$0].evidence, hasQueue: samples[$0].hasQueue, minimumRTT: path)
        }
    }

    private func many(_ count: Int, _ seen: Seen = Seen()) -> [Seen] { Array(repeating: seen, count: count) }

    @Test func aStartupWithLossesButNoQueueHasEndedEarly() {
        #expect(restarts(many(5) + [Seen(hasLost: true)] + many(9)) == [9])
    }

    @Test func withoutLossesNothingEndsItEarly() {
        #expect(restarts(many(100)).isEmpty)
    }

    @Test func aQueueShowsThatItCameAsFarAsTheLine() {
        #expect(restarts(many(5) + [Seen(hasQueue: true)] + many(100, Seen(hasLost: true))).isEmpty)
    }

    /// Where there is no queue to be seen it goes on with what it has.
    @Test func itIsNotRepeatedForEver() {
        #expect(restarts(many(1000, Seen(hasLost: true))) == [9, 19, 29, 39])
    }

    @Test func aReaderThatSpeedsUpGetsAStartup() {
        #expect(restarts(many(5) + many(10, Seen(isHeld: true)) + many(100)) == [15])
    }

    /// However often it stops.
    @Test func soDoesOneThatStopsAgain() {
        let stops = (0..<10).flatMap { _ in many(10, Seen(isHeld: true)) + many(5) }
        #expect(restarts(stops).count == 10)
    }

    @Test func aShortStopIsNothing() {
        let stops = (0..<10).flatMap { _ in many(9, Seen(isHeld: true)) + many(5) }
        #expect(restarts(stops).isEmpty)
    }

    @Test func aFlowWithNothingToSendProvesNothing() {
        #expect(restarts(many(100, Seen(hasLost: true, hasUnsent: false))).isEmpty)
    }

    @Test func onAShortPathItIsSoonWhereItWillBe() {
        #expect(restarts(many(100, Seen(hasLost: true)), path: 9000).isEmpty)
    }
}
