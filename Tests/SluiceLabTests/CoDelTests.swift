import Testing

@testable import SluiceLab

/// CoDel against what RFC 8289 says it does.
struct CoDelTests {
    /// 12 Mbit/s sends a packet a millisecond; this load brings one every half.
    private func overloaded(_ count: Int, _ text: String = "rate=12mbit,queue=100MB,aqm=codel") throws
        -> ModelDriver
    {
        var driver = try ModelDriver(text)
        driver.run(steady(count, every: millisecond / 2))
        return driver
    }

    @Test("a queue that stays below the target loses nothing")
    func shortQueue() throws {
        var driver = try ModelDriver("rate=12mbit,queue=100MB,aqm=codel")
        // Four packets at once, every four milliseconds: full load, and a wait of 3 ms at most.
        driver.run((0..<4000).map { ($0 / 4 * 4 * millisecond, 1500) })
        #expect(driver.dropped(.coDel).isEmpty)
        #expect(driver.delivered.count == 4000)
    }

    @Test("a burst that drains within the interval loses nothing")
    func burst() throws {
        var driver = try ModelDriver("rate=12mbit,queue=100MB,aqm=codel")
        driver.run((0..<10).flatMap { round in (0..<100).map { _ in (round * second, 1500) } })
        #expect(driver.dropped(.coDel).isEmpty)
    }

    @Test("the first drop comes one interval after the sojourn first reached the target")
    func firstDrop() throws {
        let driver = try overloaded(2000)
        let above = try #require(driver.delivered.first { $0.queueDelay >= 5 * millisecond })
        let start = above.packet.arrivedAt + above.queueDelay
        let first = try #require(driver.dropped(.coDel).first)
        #expect(first.toldAt >= start + 100 * millisecond)
        #expect(first.toldAt <= start + 102 * millisecond)
    }

    @Test("the drops that follow come at interval divided by the square root of their number")
    func controlLaw() throws {
        let driver = try overloaded(2000)
        let drops = driver.dropped(.coDel).map(\.toldAt)
        var expected = try #require(drops.first)
        for (index, drop) in drops.enumerated().dropFirst().prefix(20) {
            expected += Int(100e6 / Double(index).squareRoot())
            // Decisions are made when a packet leaves, once a millisecond; what is due within one is dropped in one.
            #expect((0...2 * millisecond).contains(drop - expected), "drop \(index)")
        }
        #expect(drops.count > 20)
    }

    @Test("it stops when the queue is short again, and starts faster when the load comes back soon")
    func hysteresis() throws {
        var driver = try ModelDriver("rate=12mbit,queue=100MB,aqm=codel")
        let firstLoad = steady(1000, every: millisecond / 2)
        let pause = steady(50, every: 2 * millisecond, from: 1200 * millisecond)
        let secondLoad = steady(1000, every: millisecond / 2, from: 1400 * millisecond)
        driver.run(firstLoad + pause + secondLoad)
        let drops = driver.dropped(.coDel).map(\.toldAt)
        #expect(drops.allSatisfy { $0 < 1200 * millisecond || $0 > 1500 * millisecond })
        let again = drops.filter { $0 > 1400 * millisecond }
        // With a count that begins at one, the second drop would come 100 ms after the first.
        #expect(again.count > 2)
        #expect(again[1] - again[0] < 60 * millisecond)
    }

    @Test("the limit of the queue holds as well")
    func limitHolds() throws {
        let driver = try overloaded(2000, "rate=12mbit,queue=15000B,aqm=codel:target=1s,interval=1s")
        #expect(!driver.dropped(.queueFull).isEmpty)
        #expect(driver.dropped(.coDel).isEmpty)
    }

    @Test("it holds a standing queue near its target where drop-tail fills the buffer")
    func standingQueue() throws {
        // A sender that halves its rate at a drop and speeds up otherwise, as TCP does, in 10 ms steps.
        func medianDelay(_ aqm: String) throws -> Int {
            var driver = try ModelDriver("rate=12mbit,queue=600KB,aqm=\(aqm)")
            var perStep = 10.0
            var seen = 0
            for step in 0..<3000 {
                for index in 0..<Int(perStep) {
                    let time = step * 10 * millisecond + index * 10 * millisecond / Int(perStep)
                    driver.collect(at: time)
                    driver.model.arrive(Packet(handle: 0, bytes: 1500, arrivedAt: time))
                }
                let drops = driver.outcomes.count { $0.cause != nil }
                perStep = drops > seen ? max(4, perStep / 2) : perStep + 0.1
                seen = drops
            }
            let delays = driver.delivered.map(\.queueDelay).sorted()
            return delays[delays.count / 2]
        }
        #expect(try medianDelay("codel") < 40 * millisecond)
        #expect(try medianDelay("droptail") > 100 * millisecond)
    }
}
