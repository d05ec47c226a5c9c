import SluiceControl
import SluiceRandom
import Testing

/// What a connection's reads say about its class, and that it does not go back and forth.
@Suite struct TrafficShapeTests {
    private struct Driver {
        var shape: TrafficShape
        var time: UInt64 = 0
        var corrections: [FlowClass] = []

        init(_ guess: FlowClass) {
            shape = TrafficShape(guess: guess)
        }

        /// `each` runs ten times a second, as often as samples are taken.
        mutating func run(seconds: Int, _ each: (inout TrafficShape, Int) -> Void) {
            for tick in 0..<(seconds * 10) {
                each(&shape, tick)
                time += 100_000
                if let seen = shape.correction(at: time) { corrections.append(seen) }
            }
        }

        mutating func transfer(seconds: Int) {
            run(seconds: seconds) { shape, _ in
                for _ in 0..<20 { shape.noteRead(.downstream, bytes: 64 << 10) }
            }
        }

        mutating func poll(seconds: Int, every ticks: Int) {
            run(seconds: seconds) { shape, tick in
                guard tick % ticks == 0 else { return }
                shape.noteRead(.upstream, bytes: 12)
                shape.noteRead(.downstream, bytes: 60)
            }
        }

        mutating func ask(seconds: Int, requestsPerTick: Int) {
            run(seconds: seconds) { shape, _ in
                for _ in 0..<requestsPerTick {
                    shape.noteRead(.upstream, bytes: 40)
                    shape.noteRead(.downstream, bytes: 300)
                }
            }
        }
    }

    @Test(arguments: [FlowClass.database, .cache, .telemetry, .llm])
    func lastingTransferIsNetwork(guess: FlowClass) {
        var driver = Driver(guess)
        driver.transfer(seconds: 10)
        #expect(driver.corrections.isEmpty)
        driver.transfer(seconds: 20)
        #expect(driver.corrections == [.network])
        #expect(driver.shape.flowClass == .network)
    }

    @Test func aShortDumpChangesNothing() {
        var driver = Driver(.database)
        driver.ask(seconds: 30, requestsPerTick: 5)
        driver.transfer(seconds: 8)
        driver.ask(seconds: 30, requestsPerTick: 5)
        #expect(driver.corrections.isEmpty)
    }

    @Test func aSessionIsADatabasesAgainAfterItsDump() {
        var driver = Driver(.database)
        driver.transfer(seconds: 60)
        driver.ask(seconds: 120, requestsPerTick: 5)
        #expect(driver.corrections == [.network, .database])
    }

    @Test func pollsOnAnUnknownPortAreTelemetry() {
        var driver = Driver(.network)
        driver.poll(seconds: 30, every: 10)
        #expect(driver.corrections.isEmpty)
        driver.poll(seconds: 60, every: 10)
        #expect(driver.corrections == [.telemetry])
    }

    @Test func pollsOnADatabasePortStayADatabase() {
        var driver = Driver(.database)
        driver.poll(seconds: 300, every: 10)
        #expect(driver.corrections.isEmpty)
    }

    @Test func hotRequestsOnAnUnknownPortAreACache() {
        var driver = Driver(.network)
        driver.ask(seconds: 30, requestsPerTick: 20)
        #expect(driver.corrections == [.cache])
    }

    @Test func typingIsNotTelemetry() {
        var random = SplitMix64(seed: 11)
        var driver = Driver(.network)
        driver.run(seconds: 600) { shape, tick in
            // Somebody types for some seconds, and thinks for some.
            guard (tick / 70) % 2 == 0, Int.random(in: 0..<3, using: &random) == 0 else { return }
            shape.noteRead(.upstream, bytes: 36)
            shape.noteRead(.downstream, bytes: 36)
        }
        #expect(driver.corrections.isEmpty)
    }

    @Test func silenceSaysNothing() {
        var driver = Driver(.cache)
        driver.run(seconds: 3600) { _, _ in }
        #expect(driver.corrections.isEmpty)
    }

    /// Traffic that changes its shape for ever is corrected a few times, and then left alone for long.
    @Test func doesNotFlap() {
        var driver = Driver(.database)
        for _ in 0..<50 {
            driver.transfer(seconds: 60)
            driver.ask(seconds: 60, requestsPerTick: 5)
        }
        #expect(driver.corrections.count <= 3)
    }

    @Test(arguments: 0..<50)
    func randomTrafficDoesNotFlap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var driver = Driver(FlowClass.allCases.randomElement(using: &random) ?? .network)
        for _ in 0..<100 {
            let seconds = Int.random(in: 1...40, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: driver.transfer(seconds: seconds)
            case 1: driver.poll(seconds: seconds, every: Int.random(in: 1...20, using: &random))
            default: driver.ask(seconds: seconds, requestsPerTick: Int.random(in: 1...30, using: &random))
            }
        }
        #expect(driver.corrections.count <= 4)
    }
}
