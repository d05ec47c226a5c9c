import Testing

@testable import SluiceCore

@Suite struct TurnShareTests {
    @Test(arguments: [0, 1, 2, 5, 31, 32, 33, 1000])
    func bulkFlowsShareAnIteration(flows: Int) {
        var turns = TurnShare()
        for _ in 0..<flows { turns.noteRead(TurnShare.smallestShare) }
        #expect(turns.share == TurnShare.iterationBytes, "an iteration's share is fixed when it begins")
        turns.nextIteration()
        #expect(turns.share >= TurnShare.smallestShare)
        #expect(turns.share == TurnShare.smallestShare || turns.share * flows <= TurnShare.iterationBytes)
        #expect(flows > 1 || turns.share == TurnShare.iterationBytes)
    }

    @Test func smallReadsTakeNoShare() {
        var turns = TurnShare()
        for _ in 0..<1000 { turns.noteRead(TurnShare.smallestShare - 1) }
        turns.nextIteration()
        #expect(turns.share == TurnShare.iterationBytes)
    }

    @Test func anIterationForgetsTheOneBefore() {
        var turns = TurnShare()
        for _ in 0..<8 { turns.noteRead(1 << 20) }
        turns.nextIteration()
        #expect(turns.share == TurnShare.iterationBytes / 8)
        turns.nextIteration()
        #expect(turns.share == TurnShare.iterationBytes)
    }
}
