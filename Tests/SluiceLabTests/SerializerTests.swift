import Testing

@testable import SluiceLab

/// Rate, delay, queue and changes: exact, on a simulated clock.
struct SerializerTests {
    @Test(
        "a rate sends back-to-back packets at exactly its pace",
        arguments: [256_000, 3_000_001, 50_000_000, 999_999_937]
    )
    func rateIsExact(rate: Int) throws {
        var driver = try ModelDriver("rate=\(rate)bit,queue=1GB")
        driver.run((0..<10_000).map { (0, 40 + $0 % 1461) })
        let bits = driver.delivered.reduce(0) { $0 + Int($1.packet.bytes) * 8 }
        #expect(driver.delivered.count == 10_000)
        let exact = Int((Double(bits) * 1e9 / Double(rate)).rounded(.down))
        #expect(abs((driver.delivered.last?.dueAt ?? 0) - exact) <= 10)
    }

    @Test("a caller that comes late changes nothing about when packets are due")
    func lateCallerKeepsTheTimeLine() throws {
        let arrivals = steady(500, every: 100_000)
        var punctual = try ModelDriver("rate=50mbit,delay=10ms,queue=20KB,jitter=3ms,loss=5%")
        punctual.run(arrivals)
        var late = try ModelDriver("rate=50mbit,delay=10ms,queue=20KB,jitter=3ms,loss=5%")
        for (number, arrival) in arrivals.enumerated() {
            late.model.arrive(Packet(handle: Int32(number), bytes: 1500, arrivedAt: arrival.time))
        }
        late.collect(at: 10 * second)
        #expect(late.delivered.map(\.dueAt) == punctual.delivered.map(\.dueAt))
        #expect(late.delivered.map(\.packet) == punctual.delivered.map(\.packet))
        #expect(!late.dropped(.queueFull).isEmpty)
    }

    @Test("the deadline comes no later than what it announces")
    func deadlineIsInTime() throws {
        for text in [
            "rate=20mbit,delay=3ms,queue=30KB", "rate=20mbit,delay=3ms,jitter=4ms:reorder",
            "rate=5mbit,queue=200KB,aqm=codel,loss=2%", "delay=7ms,jitter=2ms", "rate=9mbit",
        ] {
            var driver = try ModelDriver(text)
            driver.run(steady(2000, every: 400_000))
            #expect(driver.outcomes.count == 2000)
            #expect(driver.delivered.allSatisfy { $0.toldAt == $0.dueAt }, "\(text)")
        }
    }

    @Test("the delay is exact, and one-way")
    func delayIsExact() throws {
        var driver = try ModelDriver("up.delay=12.5ms,down.delay=1s")
        driver.run(steady(100, every: 777))
        #expect(driver.delivered.allSatisfy { $0.dueAt == $0.packet.arrivedAt + 12_500_000 })
    }

    @Test(
        "drop-tail drops the first packet that does not fit, to the byte",
        arguments: [15_000, 15_001, 14_999, 64_000]
    )
    func dropTailIsExact(limit: Int) throws {
        var driver = try ModelDriver("rate=1mbit,queue=\(limit)B")
        // One byte size that does not divide the limit, all at once: the first goes on the wire and does not count.
        driver.run((0..<200).map { (0, $0 % 2 == 0 ? 1500 : 41) })
        var waiting = 0
        var expected: [Int32] = []
        for number in 1..<200 {
            let bytes = number % 2 == 0 ? 1500 : 41
            if waiting + bytes <= limit { waiting += bytes } else { expected.append(Int32(number)) }
        }
        #expect(driver.dropped(.queueFull).map(\.packet.handle) == expected)
        #expect(!expected.isEmpty)
    }

    @Test("a queue in time or BDPs is that many bytes at the rate of the start")
    func relativeQueues() throws {
        func limit(_ text: String, _ direction: LinkDirection = .up) throws -> Int {
            try DirectionSettings(try LinkSpecification(parsing: text), direction).queueLimit
        }
        #expect(try limit("rate=80mbit,queue=200ms") == 2_000_000)
        #expect(try limit("rate=80mbit,up.delay=10ms,down.delay=30ms,queue=1.5bdp") == 600_000)
        #expect(try limit("up.rate=8mbit,down.rate=80mbit,queue=100ms") == 100_000)
        #expect(try limit("rate=8mbit,delay=1ms,queue=1bdp") == 15_000, "never less than ten packets")
    }

    @Test("changes happen at their time, and the packet on the wire keeps its pace")
    func rateChanges() throws {
        var driver = try ModelDriver("rate=12mbit,queue=1GB,at=10ms:rate=1.2mbit,at=100ms:rate=120mbit")
        driver.run((0..<40).map { _ in (0, 1500) })
        let times = driver.delivered.map { $0.dueAt ?? 0 }
        // 1 ms each, until the one that starts at 10 ms; then 10 ms each; after 100 ms, 0.1 ms.
        #expect(times[0..<10].elementsEqual((1...10).map { $0 * millisecond }))
        #expect(times[10..<19].elementsEqual((2...10).map { $0 * 10 * millisecond }))
        #expect(times[19..<25].elementsEqual((1...6).map { 100 * millisecond + $0 * 100_000 }))
    }

    @Test("a delay that shrinks lets no packet overtake")
    func delayChangeKeepsOrder() throws {
        var driver = try ModelDriver("delay=50ms,at=20ms:delay=5ms")
        driver.run(steady(100, every: millisecond))
        #expect(driver.delivered.map(\.packet.handle) == (0..<100).map { Int32($0) })
        #expect(driver.delivered.last?.dueAt == 104 * millisecond)
    }

    @Test("restarting the clock restores the first settings and times the changes anew")
    func restart() throws {
        var driver = try ModelDriver("delay=10ms,at=5ms:delay=30ms")
        driver.run([(0, 100), (6 * millisecond, 100)])
        driver.model.restartClock(at: second)
        driver.run([(second, 100), (second + 5 * millisecond, 100)])
        #expect(
            driver.delivered.map(\.dueAt) == [
                10 * millisecond, 36 * millisecond, second + 10 * millisecond, second + 35 * millisecond,
            ]
        )
    }
}
