import Testing

@testable import SluiceCore

@Suite struct ArrivalRateTests {
    @Test(arguments: [1, 20, 500]) func aSteadyLoadIsMeasuredAsWhatItIs(perSecond: Int) {
        var rate = ArrivalRate()
        let times = (0..<perSecond * 40).map { UInt64($0 * 1000 / perSecond) }
        for now in times { rate.note(at: now) }
        let measured = rate.perSecond(at: times.last! + UInt64(500 / perSecond))
        #expect(abs(measured / Double(perSecond) - 1) < 0.15, "\(measured)")
    }

    @Test func itForgets() {
        var rate = ArrivalRate()
        #expect(rate.last == nil && rate.perSecond(at: 5) == 0)
        for now in 0..<1000 as Range<UInt64> { rate.note(at: now) }
        let full = rate.perSecond(at: 999)
        #expect(rate.perSecond(at: 999 + 5000) < full / 2.7)
        #expect(rate.perSecond(at: 999 + 60_000) < full / 100_000)
        #expect(rate.last == 999)
    }

    /// Workers' clocks are those of their loops.
    @Test func aClockThatIsABitBehindDoesNoHarm() {
        var rate = ArrivalRate()
        rate.note(at: 1000)
        rate.note(at: 990)
        #expect(rate.last == 1000)
        #expect(rate.perSecond(at: 900) == rate.perSecond(at: 1000))
    }
}
