import Testing

@testable import SluiceControl

/// Whose queue it is: what follows when flows send less.
@Suite struct QueueResponseTests {
    /// A line of 1000 bytes a second, a path of 100 ms, and windows that shrink: with a queue the round-trip time follows.
    @Test func aQueueFollowsTheWindow() {
        var response = WindowResponse()
        for window in stride(from: 300.0, through: 110, by: -20) {
            let roundTrip = window / 1000
            #expect(response.judge(1000, roundTrip: roundTrip, bandwidth: 1000) == nil)
        }
    }

    /// Without one the rate does. The rate that was known before is what the path still carries.
    @Test func aLongerPathDoesNot() {
        var response = WindowResponse()
        var judged: Double?
        var bandwidth = 1000.0
        for window in stride(from: 100.0, through: 60, by: -10) where judged == nil {
            let delivered = window / 0.150
            judged = response.judge(delivered, roundTrip: 0.150, bandwidth: bandwidth)
            bandwidth = delivered
        }
        #expect(judged == 1000)
    }

    /// A line that becomes slower has a longer queue at first, and a shorter one then.
    @Test func aSlowerLineIsNoLongerPath() {
        var response = WindowResponse()
        #expect(response.judge(1000, roundTrip: 0.110, bandwidth: 1000) == nil)
        #expect(response.judge(500, roundTrip: 0.220, bandwidth: 1000) == nil)
        for window in stride(from: 110.0, through: 60, by: -10) {
            #expect(response.judge(500, roundTrip: window / 500, bandwidth: 500) == nil)
        }
    }

    /// A line of 1000 bytes a second with a queue: it stays busy whatever is sent.
    @Test(arguments: [950.0, 900, 700, 350])
    func aQueueOfTheirOwnKeepsTheLineBusy(allowed: Double) {
        var response = RateResponse()
        for _ in 0..<50 { #expect(response.judge(1000, allowed: allowed, elapsed: 0.1) == nil) }
    }

    /// Beside somebody else no more arrives than is sent, and the queue stands.
    @Test func someoneElsesQueueDoesNotDrain() {
        var response = RateResponse()
        #expect(response.judge(1000, allowed: 1000, elapsed: 0.1) == nil)
        var judged: Double?
        for _ in 0..<10 where judged == nil { judged = response.judge(905, allowed: 900, elapsed: 0.1) }
        #expect(judged == 1000)
    }

    /// Nothing is judged by an error of a few percent.
    @Test func anErrorOfTheEstimateSaysNothing() {
        var response = RateResponse()
        #expect(response.judge(1000, allowed: 1000, elapsed: 0.1) == nil)
        for _ in 0..<50 { #expect(response.judge(970, allowed: 970, elapsed: 0.1) == nil) }
    }

    /// The first flow is not asked again before the second has been told.
    @Test func aStepWaitsForAllFlows() {
        var bottleneck = Bottleneck()
        let places = [bottleneck.join(roundTrip: 20_000, at: 0), bottleneck.join(roundTrip: 20_000, at: 0)]
        var shares: [Double] = []
        for tick in 1...60 {
            let time = UInt64(tick) * 100_000
            // The second flow is silent from the twentieth sample on.
            for place in places where tick < 20 || place == places[0] {
                let report = Bottleneck.Report(
                    bytes: 100_000,
                    interval: 0.1,
                    roundTrip: tick < 3 ? 20_000 : 120_000,
                    isBacklogged: true,
                    isSet: true
                )
                let share = bottleneck.report(report, from: place, lever: .window, at: time)
                if place == places[0], tick >= 21, let rate = share.rate { shares.append(rate) }
            }
        }
        // A step that cannot reach everybody comes after 1.5 s all the same.
        #expect(Set(shares).count > 1 && Set(shares).count <= 6, "\(shares)")
    }

    /// BBR sends next to nothing for a fifth of a second, every 10 s, and the smoothed round-trip time stays.
    @Test func aPauseIsNoSlowLine() throws {
        func rates(isPausing: Bool) throws -> (before: Double, after: Double) {
            var bottleneck = Bottleneck()
            let place = bottleneck.join(roundTrip: 20_000, at: 0)
            var time: UInt64 = 0
            func report(_ bytes: Double, roundTrip: UInt32, isPausing: Bool = false) -> Double? {
                time += 100_000
                let report = Bottleneck.Report(
                    bytes: bytes,
                    interval: 0.1,
                    roundTrip: roundTrip,
                    isBacklogged: true,
                    isPausing: isPausing,
                    isSet: true
                )
                return bottleneck.report(report, from: place, lever: .rate, at: time).rate
            }
            var before: Double?
            for _ in 0..<8 { before = report(100_000, roundTrip: 60_000) }
            var after: Double?
            for _ in 0..<4 { after = report(2000, roundTrip: 60_000, isPausing: isPausing) }
            return try (#require(before), #require(after))
        }
        let told = try rates(isPausing: true)
        #expect(told.after == told.before)
        let untold = try rates(isPausing: false)
        #expect(untold.after < untold.before / 2)
    }
}
