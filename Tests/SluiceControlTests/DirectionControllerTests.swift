import SluiceControl
import SluiceRandom
import Testing

/// Startup, growth between samples, policies, and samples that no healthy kernel would give.
@Suite struct DirectionControllerTests {
    @Test func isSmall() {
        // One is stored in each half relay: two a connection.
        #expect(MemoryLayout<DirectionController>.size <= 232)
    }

    @Test func fullReadsGrowTheRingAtOnce() {
        var controller = DirectionController(.network)
        #expect(controller.ringTarget == 16 << 10)
        for _ in 0..<3 { controller.noteRead(bytes: controller.ringTarget, filled: true) }
        #expect(controller.ringTarget == 1 << 20)
        controller.noteRead(bytes: 1 << 20, filled: true)
        #expect(controller.ringTarget == 1 << 20)
    }

    @Test func partialReadsGrowNothing() {
        var controller = DirectionController(.network)
        for _ in 0..<100 { controller.noteRead(bytes: 16 << 10 - 1, filled: false) }
        #expect(controller.ringTarget == 16 << 10)
    }

    @Test(arguments: [1, 1000, 4096, 5000, 16384, 100_000, 1 << 20, 3_000_000, Int.max])
    func ceilingHolds(ceiling: Int) {
        var controller = DirectionController(.network, ringCeiling: ceiling)
        for round in 0..<40 {
            #expect(controller.ringTarget <= ceiling && controller.ringTarget >= min(4096, ceiling))
            let target = controller.ringTarget
            #expect(target == ceiling || target & (target - 1) == 0 || target == Int(UInt32.max))
            controller.noteRead(bytes: target, filled: round < 20)
            _ = controller.observe(sink: nil, relayedBytes: 0, at: UInt64(round / 4) * 100_000)
        }
    }

    @Test func startupValuesAreTheClasses() {
        for flowClass in FlowClass.allCases {
            let decision = DirectionController(flowClass).initialDecision
            #expect(decision.reason == .startup)
            #expect(decision.ringBytes == 16 << 10)
            #expect(decision.notSentLowat == ClassTargets[for: flowClass].startupNotSentLowat)
        }
    }

    @Test func fixedPolicyNeverMoves() {
        let sizes = StaticSizes(ringBytes: 40_000, notSentLowat: 5000)
        let path = SimulatedPath(rate: 2e6, roundTrip: 0.05, queueCapacity: 200e3)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(.network, policy: .fixed(sizes)),
            seed: 1
        )
        let decision = simulation.controller.initialDecision
        #expect(decision.ringBytes == 40_000 && decision.notSentLowat == 5000)
        simulation.run(for: 5)
        simulation.controller.setClass(ClassTargets[for: .telemetry])
        simulation.run(for: 5)
        #expect(simulation.decisions.isEmpty)
        #expect(simulation.controller.ringTarget == 40_000)
        // It still measures: /connections shows the path of a static route, too.
        #expect(simulation.controller.estimate.bandwidth != nil)
    }

    @Test func kernelPolicySetsNoLimit() {
        let path = SimulatedPath(rate: 2e6, roundTrip: 0.05, queueCapacity: 200e3)
        var simulation = PathSimulator(
            path: path,
            source: .bulk,
            controller: DirectionController(.telemetry, policy: .kernel),
            seed: 1
        )
        simulation.run(for: 5)
        simulation.controller.setClass(ClassTargets[for: .cache])
        simulation.run(for: 5)
        #expect(simulation.controller.initialDecision.notSentLowat == nil)
        #expect(simulation.decisions.allSatisfy { $0.decision.notSentLowat == nil })
        // 2 MB/s for 20 ms: 40 KB.
        #expect(simulation.controller.ringTarget == 64 << 10)
    }

    @Test func correctedClassDecidesAnew() throws {
        var controller = DirectionController(.network)
        _ = controller.observe(sink: nil, relayedBytes: 0, at: 0)
        _ = controller.observe(sink: nil, relayedBytes: 0, at: 100_000)
        controller.setClass(ClassTargets[for: .telemetry])
        let next = controller.observe(sink: nil, relayedBytes: 0, at: 200_000)
        let decision = try #require(next)
        #expect(decision.reason == .classChanged)
        #expect(decision.notSentLowat == 32 << 10)
        #expect(controller.lastReason == .classChanged)
        let later = controller.observe(sink: nil, relayedBytes: 0, at: 300_000)
        #expect(later == nil)
    }

    /// What the sink's kernel swallows at once has not left it before a round trip is over.
    @Test func aBulkFlowBeginsWithWhatTheHandshakesMeasured() {
        var sample = LegSample()
        sample.fields = .all
        sample.rtt = 100_000
        sample.minimumRTT = 100_000
        var controller = DirectionController(
            policy: .adaptive,
            targets: ClassTargets[for: .network],
            ringCeiling: 1 << 20
        )
        controller.begin(source: sample, sink: sample, relayedBytes: 0, at: 1_000_000)
        controller.noteRead(bytes: controller.ringTarget, filled: true)
        let windows = (0..<50).compactMap { _ in
            controller.noteWritten(bytes: 64 << 10, all: true, at: 1001)
        }
        #expect(windows == [FirstWindow.remote.bytes])
    }

    /// A Unix socket has no TCP_INFO: a reader that is slow is known by a source that is always ahead.
    @Test func slowUnixReaderHoldsLittle() {
        var controller = DirectionController(.network)
        var relayed: UInt64 = 0
        for tick in 0..<50 {
            for _ in 0..<8 {
                relayed += 12_500
                controller.noteRead(bytes: controller.ringTarget, filled: true)
            }
            _ = controller.observe(sink: nil, relayedBytes: relayed, at: UInt64(tick) * 100_000)
        }
        #expect(controller.ringTarget == 64 << 10)
        #expect(controller.lastReason == .receiverLimited)
        #expect(abs((controller.estimate.throughput ?? 0) - 1e6) < 1e4)
        #expect(controller.estimate.bandwidth == nil)
    }

    @Test func fastUnixReaderGetsTheCeiling() {
        var controller = DirectionController(.database)
        var relayed: UInt64 = 0
        for tick in 0..<20 {
            for _ in 0..<100 {
                relayed += UInt64(controller.ringTarget)
                controller.noteRead(bytes: controller.ringTarget, filled: true)
            }
            _ = controller.observe(sink: nil, relayedBytes: relayed, at: UInt64(tick) * 100_000)
        }
        #expect(controller.ringTarget == 1 << 20)
    }

    @Test func samplesTooNearSayNothing() {
        var controller = DirectionController(.network)
        _ = controller.observe(sink: nil, relayedBytes: 0, at: 1000)
        let near = controller.observe(sink: nil, relayedBytes: 1 << 30, at: 1001)
        #expect(near == nil)
        let earlier = controller.observe(sink: nil, relayedBytes: 1 << 30, at: 5)
        #expect(earlier == nil)
        #expect(controller.estimate.throughput == nil)
    }

    /// Counters that jump, stand still or run backwards, fields that come and go, a clock that does as well.
    @Test(arguments: 0..<300)
    func nonsenseNeverTraps(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let policies: [Policy] = [.adaptive, .adaptive, .kernel, .fixed(StaticSizes(ringBytes: 4096))]
        var controller = DirectionController(
            FlowClass.allCases.randomElement(using: &random) ?? .llm,
            policy: policies.randomElement(using: &random) ?? .adaptive
        )
        func number() -> UInt64 {
            switch UInt8.random(in: 0..<4, using: &random) {
            case 0: 0
            case 1: .max
            case 2: UInt64.random(in: 0...100_000, using: &random)
            default: UInt64.random(in: 0 ... .max, using: &random)
            }
        }
        func small() -> UInt32 { UInt32(truncatingIfNeeded: number()) }
        for _ in 0..<100 {
            var sample = LegSample()
            sample.fields = LegSample.Fields(rawValue: UInt16(truncatingIfNeeded: number()))
            sample.rtt = small()
            sample.rttVariance = small()
            sample.minimumRTT = small()
            sample.congestionWindow = small()
            sample.segmentSize = small()
            sample.unacked = small()
            sample.notSent = small()
            sample.deliveryRate = number()
            sample.isAppLimited = Bool.random(using: &random)
            sample.bytesAcked = number()
            sample.bytesRetransmitted = number()
            sample.busy = number()
            sample.receiverLimited = number()
            sample.sendBufferLimited = number()
            controller.noteRead(bytes: Int(small()), filled: Bool.random(using: &random))
            let isUnix = Bool.random(using: &random)
            let decision = controller.observe(
                sink: isUnix ? nil : sample,
                relayedBytes: number(),
                at: number()
            )
            #expect(controller.ringTarget >= 4096 && controller.ringTarget <= 1 << 20)
            if let decision {
                #expect(decision.ringBytes == controller.ringTarget)
                // None, unless the send buffer was raised: then it has to have one.
                let most = max(4 << 20, (decision.sendBuffer ?? 0) / 4)
                let limit = decision.notSentLowat ?? (decision.sendBuffer == nil ? most : .max)
                #expect(limit >= 16 << 10 && limit <= most)
            }
            _ = controller.estimate.bandwidthDelayProduct
        }
    }

    /// A kernel before 4.2: nothing but the round-trip time. The starting limit stays, the ring follows the
    /// relay.
    @Test func oldKernelKeepsTheStart() {
        var controller = DirectionController(.cache)
        var sample = LegSample()
        sample.fields = .basic
        sample.rtt = 20_000
        sample.congestionWindow = 10
        sample.segmentSize = 1448
        sample.unacked = 10
        var decisions: [Decision] = []
        for tick in 0..<50 {
            let decision = controller.observe(
                sink: sample,
                relayedBytes: UInt64(tick) * 100_000,
                at: UInt64(tick) * 100_000
            )
            if let decision { decisions.append(decision) }
        }
        #expect(decisions.allSatisfy { $0.notSentLowat == 128 << 10 })
        #expect(controller.ringTarget == 32 << 10)
        #expect(controller.estimate.bandwidth == nil && controller.estimate.minimumRTT == 20_000)
    }
}
