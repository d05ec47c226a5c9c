import Testing

@testable import SluiceControl

/// Which congestion control a bulk flow's sending socket has.
@Suite struct CongestionChoiceTests {
    private static let path: UInt32 = 20_000

    /// A choice that has seen one sample, 100 ms long.
    private func choice(
        isBornWithBBR: Bool,
        isLineFaster: Bool = false,
        rtt: UInt32 = Self.path,
        minimumRTT: UInt32 = Self.path
    ) -> CongestionChoice {
        var choice = CongestionChoice(isBornWithBBR: isBornWithBBR)
        choice.isLineFaster = isLineFaster
        var bottleneck = Bottleneck()
        observe(&choice, rtt: rtt, minimumRTT: minimumRTT, bottleneck: &bottleneck)
        return choice
    }

    private func observe(
        _ choice: inout CongestionChoice,
        rtt: UInt32 = Self.path,
        minimumRTT: UInt32 = Self.path,
        isHeld: Bool = false,
        retransmitted: UInt64 = 0,
        bottleneck: inout Bottleneck
    ) {
        var sample = LegSample()
        (sample.rtt, sample.minimumRTT) = (rtt, minimumRTT)
        var evidence = Evidence(interval: 100_000)
        evidence.hasUnsent = true
        evidence.receiverLimitedShare = isHeld ? 1 : 0
        evidence.retransmitted = retransmitted
        var path = PathEstimate()
        (path.minimumRTT, path.smoothedRTT) = (Self.path, Self.path)
        choice.observe(sample, evidence: evidence, path: path, isPaced: false, bottleneck: &bottleneck)
    }

    @Test func aFasterLineIsLookedForWithoutBBR() {
        #expect(choice(isBornWithBBR: true, isLineFaster: true).control == .reno)
        #expect(choice(isBornWithBBR: true).control == nil)
        #expect(choice(isBornWithBBR: false, isLineFaster: true).control == nil)
    }

    /// BBR would come back with the short path's round trip, and send a part of what the long one carries.
    @Test func onAPathThatHasBecomeMuchLongerBBRStays() {
        let longer = choice(isBornWithBBR: true, isLineFaster: true, rtt: 70_000)
        #expect(longer.control == nil)
        let unknown = choice(isBornWithBBR: true, isLineFaster: true, rtt: 70_000, minimumRTT: 0)
        #expect(unknown.control == .reno, "a kernel that does not tell is no reason")
    }

    @Test(arguments: [(rtt: Self.path, begins: 1), (rtt: 70_000, begins: 0)])
    func afterASlowReaderBBRBeginsAnewUnlessThePathIsLonger(rtt: UInt32, begins: Int) {
        var choice = CongestionChoice(isBornWithBBR: true)
        var bottleneck = Bottleneck()
        for _ in 0..<20 { observe(&choice, rtt: rtt, isHeld: true, bottleneck: &bottleneck) }
        var count = 0
        for _ in 0..<20 {
            observe(&choice, rtt: rtt, bottleneck: &bottleneck)
            if choice.beginsAnew {
                count += 1
                #expect(choice.control == .reno)
            }
        }
        #expect(count == begins)
        #expect(choice.control == nil)
    }

    @Test func lossesWithoutAQueueCallForBBR() {
        var choice = CongestionChoice(isBornWithBBR: false)
        var bottleneck = Bottleneck()
        for _ in 0..<2 {
            observe(&choice, retransmitted: 1448, bottleneck: &bottleneck)
            for _ in 0..<10 { observe(&choice, bottleneck: &bottleneck) }
        }
        #expect(choice.control == .bbr)
        #expect(bottleneck.isLossy)
    }
}
