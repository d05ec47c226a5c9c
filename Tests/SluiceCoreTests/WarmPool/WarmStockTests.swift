import Glibc
import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct WarmStockTests {
    private func stock(most: Int = 32, maxAge: Duration = .seconds(15)) -> WarmStock {
        var configuration = WarmPoolConfiguration()
        configuration.most = most
        configuration.maxAge = maxAge
        return WarmStock(configuration)
    }

    private func connection(_ number: Int32, at now: UInt64) -> WarmConnection {
        WarmConnection(descriptor: number, address: .unix("/origin"), openedAt: now)
    }

    /// A load of so many a second for long enough to be known; the time at its end is 60 s.
    private func busy(_ perSecond: Int, most: Int = 1000) -> WarmStock {
        var stock = stock(most: most)
        for arrival in 0..<perSecond * 60 { stock.noteArrival(at: UInt64(arrival * 1000 / perSecond)) }
        return stock
    }

    // MARK: How many

    @Test func withoutArrivalsThereIsNone() {
        var stock = stock()
        #expect(stock.target(at: 0, connectSeconds: 1) == 0)
        let opened = stock.open(at: 0, connectSeconds: 1, room: 9)
        #expect(opened == 0)
    }

    /// Rate times connect time, and twice the deviation of a Poisson count of that mean.
    @Test(arguments: [(1, 0.04, 1), (10, 0.04, 2), (100, 0.04, 8), (1000, 0.04, 53), (100, 0.2, 29)])
    func thereAreAsManyAsComeWhileOneConnects(perSecond: Int, connectSeconds: Double, expected: Int) {
        let target = busy(perSecond).target(at: 60_000, connectSeconds: connectSeconds)
        #expect(abs(target - expected) <= max(1, expected / 10), "\(target)")
    }

    @Test func oneIsWorthItHoweverNearTheOrigin() {
        #expect(busy(1).target(at: 60_000, connectSeconds: 0) == 1)
    }

    @Test func theCeilingHolds() {
        #expect(busy(1000, most: 7).target(at: 60_000, connectSeconds: 10) == 7)
        #expect(busy(1000, most: 7).target(at: 60_000, connectSeconds: 1e12) == 7)
    }

    /// Poisson arrivals, and connect times of any kind: what the size promises.
    @Test(arguments: [5.0, 50, 400]) func nineOfTenFindOne(perSecond: Double) {
        var random = SplitMix64(seed: 3)
        func exponential(_ mean: Double) -> Double {
            -mean * log(Double.random(in: 1e-9..<1, using: &random))
        }
        var stock = stock(most: 1000)
        var underWay: [UInt64] = []
        var (time, hits, arrivals) = (0.0, 0, 0)
        while time < 120_000 {
            time += exponential(1000 / perSecond)
            let now = UInt64(time)
            for _ in underWay.filter({ $0 <= now }) { _ = stock.connected(connection(1, at: now)) }
            underWay.removeAll { $0 <= now }
            stock.noteArrival(at: now)
            let isHit = stock.takeOldest() != nil
            // The first seconds only teach.
            if time > 20_000 { (hits, arrivals) = (hits + (isHit ? 1 : 0), arrivals + 1) }
            for _ in 0..<stock.open(at: now, connectSeconds: 0.04, room: .max) {
                underWay.append(now + UInt64(Double.random(in: 20...60, using: &random)))
            }
        }
        #expect(Double(hits) / Double(arrivals) > 0.9, "\(hits) of \(arrivals)")
    }

    @Test func whatIsUnderWayCountsAndRoomBounds() {
        var stock = busy(100)
        let first = stock.open(at: 60_000, connectSeconds: 0.04, room: 3)
        #expect(first == 3 && stock.connecting == 3)
        let second = stock.open(at: 60_000, connectSeconds: 0.04, room: .max)
        #expect(second == stock.target(at: 60_000, connectSeconds: 0.04) - 3)
        let none = [Int.max, -5].map { stock.open(at: 60_000, connectSeconds: 0.04, room: $0) }
        #expect(none == [0, 0])
        stock.notKept()
        let third = stock.open(at: 60_000, connectSeconds: 0.04, room: .max)
        #expect(third == 1)
    }

    @Test func onceNobodyCameForAnAgeAllGo() {
        var stock = stock(maxAge: .seconds(4))
        stock.noteArrival(at: 1000)
        let opened = stock.open(at: 1000, connectSeconds: 0.04, room: 9)
        let isKept = stock.connected(connection(1, at: 3000))
        let early = stock.takeAged(at: 4999)
        #expect(opened == 1 && isKept && early.isEmpty)
        #expect(stock.target(at: 4999, connectSeconds: 0.04) == 1)
        #expect(stock.target(at: 5000, connectSeconds: 0.04) == 0)
        let late = stock.takeAged(at: 5000)
        #expect(late.map(\.descriptor) == [1] && stock.ready.isEmpty)
    }

    // MARK: Use and age

    @Test func theOldestIsUsedFirstAndTheOldAreReplaced() {
        var stock = busy(100)
        for number in 0..<4 as Range<Int32> {
            _ = stock.connected(connection(number, at: 60_000 + UInt64(number) * 1000))
        }
        let oldest = stock.takeOldest()
        #expect(oldest?.descriptor == 0)
        for now in stride(from: 60_100, through: 76_000, by: 100) { stock.noteArrival(at: UInt64(now)) }
        #expect(stock.isAged(connection(1, at: 61_000), at: 76_000))
        let aged = stock.takeAged(at: 76_000)
        #expect(aged.map(\.descriptor) == [1] && stock.ready.map(\.descriptor) == [2, 3])
        let newest = stock.takeNewest()
        #expect(newest?.descriptor == 3)
    }

    @Test func endsTeachAnAgeOrLeadToARest() {
        var stock = stock()
        stock.noteArrival(at: 0)
        for number in 0..<3 as Range<Int32> { _ = stock.connected(connection(number, at: 0)) }
        let ended = stock.takeEnded([0, 2], at: 8000)
        #expect(ended.map(\.descriptor) == [0, 2] && stock.ready.map(\.descriptor) == [1])
        #expect(!stock.isAged(connection(1, at: 0), at: 5999) && stock.isAged(connection(1, at: 0), at: 6000))
        let early = stock.takeRestReport(at: 8000)
        #expect(early == nil)

        // Too short a life to learn from, three times.
        for _ in 0..<3 { stock.noteEnd(of: connection(4, at: 9000), at: 9100) }
        stock.noteArrival(at: 9100)
        #expect(stock.target(at: 9100, connectSeconds: 1) == 0)
        let reports = [9100, 9200].map { stock.takeRestReport(at: $0) }
        #expect(reports == [10_000, nil])
        stock.noteArrival(at: 19_100)
        #expect(stock.target(at: 19_100, connectSeconds: 1) > 0)
    }

    @Test func connectsThatFailLeadToARestAndAUseEndsTheRow() {
        var stock = stock()
        stock.noteArrival(at: 0)
        func fail(_ times: Int) {
            for _ in 0..<times {
                _ = stock.open(at: 0, connectSeconds: 0, room: 1)
                stock.failed(at: 0)
            }
        }
        fail(2)
        stock.noteUse(at: 0)
        fail(2)
        #expect(stock.target(at: 0, connectSeconds: 0) == 1)
        fail(1)
        #expect(stock.target(at: 0, connectSeconds: 0) == 0 && stock.connecting == 0)
    }

    @Test func standingBackIsAtOnceAndKeepsNothingFromBeingUsed() {
        var stock = stock()
        stock.noteArrival(at: 0)
        _ = stock.connected(connection(1, at: 0))
        stock.standBack(at: 0)
        #expect(stock.target(at: 1, connectSeconds: 0) == 0)
        let (aged, usable) = (stock.takeAged(at: 1), stock.takeOldest())
        #expect(aged.isEmpty && usable != nil)
    }

    @Test func aClosedOneTakesNothing() {
        var stock = busy(10)
        _ = stock.open(at: 60_000, connectSeconds: 0.5, room: 2)
        let isKept = stock.connected(connection(1, at: 60_000))
        let left = stock.close()
        let isKeptAfter = stock.connected(connection(2, at: 60_001))
        #expect(isKept && left.map(\.descriptor) == [1] && !isKeptAfter)
        #expect(stock.connecting == 0 && stock.target(at: 60_001, connectSeconds: 1) == 0)
    }
}
