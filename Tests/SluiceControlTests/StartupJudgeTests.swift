import Testing

@testable import SluiceControl

/// When BBR is to begin anew.
@Suite struct StartupJudgeTests {
    private static let path: UInt32 = 100_000

    /// In which samples, every 100 ms on a path of 100 ms, it begins again.
    private func restarts(samples: Int = 100, isLimited: Bool = true, queueIn queued: Int? = nil) -> [Int] {
        var judge = StartupJudge()
        return (0..<samples).filter {
            judge.note(hasQueue: $0 == queued, isLimited: isLimited, interval: 100_000, minimumRTT: Self.path)
        }
    }

    @Test func aStartupWithoutAQueueHasEndedEarly() {
        #expect(restarts(samples: 15) == [9])
    }

    @Test func aQueueShowsThatItCameAsFarAsTheLine() {
        #expect(restarts(queueIn: 5).isEmpty)
        #expect(restarts(queueIn: 15) == [9])
    }

    /// Where there is no queue to be seen it goes on with what it has.
    @Test func itDoesNotBeginForEver() {
        #expect(restarts(samples: 1000) == [9, 19, 29, 39])
    }

    @Test func aFlowWithNothingToSendProvesNothing() {
        #expect(restarts(isLimited: false).isEmpty)
    }
}
