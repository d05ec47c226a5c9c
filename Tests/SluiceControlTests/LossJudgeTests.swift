import Testing

@testable import SluiceControl

/// Losses with a queue behind them, and losses of the path itself.
@Suite struct LossJudgeTests {
    private static let path: UInt32 = 40_000

    /// Samples, one after another: what queue stood, microseconds, and whether anything was lost.
    private func hasCase(
        _ samples: [(queue: UInt32, lost: Bool)],
        path: UInt32 = Self.path,
        isLimited: Bool = true
    )
        -> Bool
    {
        var judge = LossJudge()
        return samples.map {
            judge.note(lost: $0.lost, isLimited: isLimited, queue: $0.queue, minimumRTT: path)
        }
        .contains(true)
    }

    @Test func oneLossIsChance() {
        #expect(!hasCase([(0, true)] + Array(repeating: (0, false), count: 1000)))
    }

    @Test func twoLossesWithoutAQueueAreACase() {
        let quiet = Array(repeating: (queue: UInt32(0), lost: false), count: 50)
        #expect(hasCase([(0, true)] + quiet + [(0, true)]))
    }

    @Test func lossesThatAreFarApartAreNone() {
        let quiet = Array(repeating: (queue: UInt32(0), lost: false), count: 500)
        #expect(!hasCase([(0, true)] + quiet + [(0, true)]))
    }

    @Test func aFullQueueExplainsThem() {
        #expect(!hasCase(Array(repeating: (40_000, true), count: 100)))
    }

    /// They are seen when their queue has shrunk already.
    @Test func soDoesAQueueThatStoodAMomentBefore() {
        let fill: [(UInt32, Bool)] = [
            (40_000, false), (20_000, true), (0, true), (0, false), (0, false), (0, false),
        ]
        #expect(!hasCase((0..<100).flatMap { _ in fill }))
    }

    @Test func aShortPathRepairsThemItself() {
        #expect(!hasCase(Array(repeating: (0, true), count: 100), path: 9000))
    }

    @Test func aFlowWithNothingToSendProvesNothing() {
        #expect(!hasCase(Array(repeating: (0, true), count: 100), isLimited: false))
    }
}
