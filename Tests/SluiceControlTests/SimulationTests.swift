import SluiceControl
import SluiceRandom
import Testing

/// What holds on every path, on hundreds of random ones.
@Suite struct SimulationTests {
    /// From a slow mobile link to a fast LAN.
    private func randomPath(_ random: inout SplitMix64) -> SimulatedPath {
        let rate = random.logarithmic(60e3, 100e6)
        let roundTrip = random.logarithmic(0.001, 0.2)
        // Down to a quarter of a BDP, up to half a second of queue.
        let queue = random.logarithmic(max(rate * roundTrip / 4, 20_000), max(rate * 0.5, 40_000))
        return SimulatedPath(rate: rate, roundTrip: roundTrip, queueCapacity: queue)
    }

    private func randomClass(_ random: inout SplitMix64) -> FlowClass {
        FlowClass.allCases.randomElement(using: &random) ?? .network
    }

    @Test(arguments: 0..<150)
    func bulkFlow(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let path = randomPath(&random)
        let flowClass = randomClass(&random)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(flowClass),
            seed: seed
        )
        simulation.sampleInterval = random.logarithmic(0.02, 1)
        simulation.run(for: 12 + 20 * path.roundTrip)
        let settled = simulation.decisions.count
        let relayedThen = simulation.relayed
        simulation.run(for: 3)

        let estimate = simulation.controller.estimate
        let bandwidth = try #require(estimate.bandwidth)
        let minimum = try #require(estimate.minimumRTT)
        let goodput = (simulation.relayed - relayedThen) / 3
        #expect(bandwidth >= goodput * 0.9 && bandwidth <= path.rate * 1.2)
        #expect(Double(minimum) >= path.roundTrip * 0.95e6)
        #expect(
            Double(estimate.bandwidthDelayProduct ?? 0) >= goodput * path.roundTrip * 0.8
        )

        // No more than the budget waits unsent, but for one GSO segment and the smallest limit.
        let budget = Double(ClassTargets[for: flowClass].queueBudget / .microseconds(1)) / 1e6
        let slack = 64.0 * 1024
        #expect(
            simulation.peakUnsent <= max(bandwidth * budget, 16 * 1024) + slack,
            "\(flowClass) \(path)"
        )

        // Steady state: nothing changes, so nothing is decided, but for what a saw-tooth's crest and trough
        // differ in.
        #expect(simulation.decisions.count - settled <= 1, "\(simulation.decisions.suffix(6)) \(path)")
        let ring = simulation.controller.ringTarget
        #expect(ring >= 4096 && ring <= 1 << 20 && ring & (ring - 1) == 0)
    }

    /// The limits cost no throughput: a flow through the controller is as fast as one through the kernel's
    /// defaults.
    @Test(arguments: 0..<100)
    func neverSlowerThanTheKernel(seed: UInt64) {
        var random = SplitMix64(seed: 1000 + seed)
        let path = randomPath(&random)
        let flowClass = randomClass(&random)
        let interval = random.logarithmic(0.02, 1)
        let loopTurn = random.logarithmic(0.00001, 0.005)
        func relayed(_ policy: Policy) -> Double {
            var simulation = PathSimulator(
                path: path,
                source: .bulk,
                controller: DirectionController(flowClass, policy: policy),
                seed: seed
            )
            simulation.sampleInterval = interval
            simulation.loopTurn = loopTurn
            simulation.run(for: 5)
            // Bytes that left the proxy: what only waits in a larger queue has not gone anywhere.
            return Double(simulation.sample.bytesAcked)
        }
        #expect(relayed(.adaptive) >= relayed(.kernel) * 0.95, "\(flowClass) \(path) \(loopTurn)")
    }

    /// A loop that is away for longer than the budget lasts starves the socket, until the controller allows more.
    @Test func aLoopThatAnswersLateIsGivenMore() {
        let path = SimulatedPath(rate: 12.5e6, roundTrip: 0.04, queueCapacity: 1e6)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(.telemetry),
            seed: 4
        )
        simulation.loopTurn = 0.025
        simulation.run(for: 10)
        #expect(simulation.decisions.contains { $0.decision.reason == .sendBufferLimited })
        let before = simulation.sample.bytesAcked
        simulation.run(for: 5)
        #expect(Double(simulation.sample.bytesAcked - before) >= 0.95 * 5 * path.rate)
        // Given once, it stays: no limit goes up and down.
        let late = simulation.decisions.filter { $0.time > 10 }
        #expect(late.allSatisfy { $0.decision.notSentLowat == simulation.lowat })
        #expect(late.count <= 2)
    }

    @Test(arguments: FlowClass.allCases)
    func tenMegabitsAtAHundredMillisecondsIsNotStarved(flowClass: FlowClass) {
        let path = SimulatedPath(rate: 1.25e6, roundTrip: 0.1, queueCapacity: 125e3)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(flowClass),
            seed: 1
        )
        simulation.run(for: 3)
        let before = simulation.sample.bytesAcked
        simulation.run(for: 5)
        #expect(Double(simulation.sample.bytesAcked - before) >= 0.95 * 5 * path.rate)
    }

    @Test(arguments: 0..<100)
    func slowReaderHoldsLittle(seed: UInt64) {
        var random = SplitMix64(seed: 2000 + seed)
        var path = randomPath(&random)
        path.rate = max(path.rate, 2e6)
        path.queueCapacity = path.rate
        path.readerRate = path.rate / random.logarithmic(10, 100)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(randomClass(&random)),
            seed: seed
        )
        // Until the first sample the kernel takes what it likes: up to a megabyte, which has to drain first.
        simulation.run(for: 5 + 1e6 / path.readerRate)
        #expect(simulation.controller.lastReason == .receiverLimited, "\(path)")
        simulation.run(for: 2)
        #expect(simulation.peakUnsent <= max(path.readerRate * 1.3 * 0.02, 16 * 1024) + 1448, "\(path)")
        #expect(Double(simulation.controller.ringTarget) <= max(path.readerRate * 0.02, 4096), "\(path)")
    }

    @Test(arguments: 0..<100)
    func idleFlowHoldsNothing(seed: UInt64) {
        var random = SplitMix64(seed: 3000 + seed)
        var simulation = PathSimulator(
            path: randomPath(&random),
            source: .bulk,
            controller: DirectionController(randomClass(&random)),
            seed: seed
        )
        simulation.run(for: 3)
        simulation.source = .silent
        // What waits in the kernel goes first: the budget's worth, and what the path has in flight.
        simulation.run(for: 6)
        #expect(simulation.controller.ringTarget == 4096)
        let decided = simulation.decisions.count
        simulation.run(for: 2)
        #expect(simulation.decisions.count == decided)
    }

    /// Small messages hold a small ring, and a source that is the limit keeps the starting limit for its next
    /// burst.
    @Test(arguments: 0..<100)
    func smallMessages(seed: UInt64) {
        var random = SplitMix64(seed: 4000 + seed)
        var path = randomPath(&random)
        path.rate = max(path.rate, 1e6)
        let flowClass = randomClass(&random)
        let bytes = random.logarithmic(20, 3000).rounded()
        var simulation = PathSimulator(
            path: path,
            source: .bursts(bytes: bytes, every: max(bytes / 20_000, random.logarithmic(0.01, 2))),
            controller: DirectionController(flowClass),
            seed: seed
        )
        simulation.run(for: 10)
        #expect(simulation.controller.ringTarget == 4096)
        #expect(
            simulation.decisions.allSatisfy { $0.decision.reason == .appLimited },
            "\(path) \(bytes) \(simulation.decisions) \(simulation.sample)"
        )
        let start = ClassTargets[for: flowClass].startupNotSentLowat ?? .max
        #expect(simulation.lowat ?? .max >= start)
        // The ring, and a limit that opens in two steps.
        #expect(simulation.decisions.count <= 3)
    }

    @Test func lossyPathIsNamedSo() {
        let path = SimulatedPath(rate: 12.5e6, roundTrip: 0.08, queueCapacity: 2e6, lossChance: 0.01)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(.telemetry),
            seed: 9
        )
        simulation.run(for: 20)
        #expect(simulation.decisions.contains { $0.decision.reason == .lossLimited })
    }

    @Test func loopbackReachesTheCeilingAndHasNoLimit() {
        let path = SimulatedPath(rate: 5e9, roundTrip: 50e-6, queueCapacity: 1e9)
        for flowClass in FlowClass.allCases {
            var simulation = PathSimulator(
                path: path,
                source: .bulk,
                controller: DirectionController(flowClass),
                seed: 3
            )
            simulation.run(for: 0.5)
            #expect(simulation.controller.ringTarget == 1 << 20)
            #expect(simulation.lowat == nil)
        }
    }
}
