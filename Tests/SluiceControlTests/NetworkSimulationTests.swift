import SluiceControl
import Testing

/// The simulator itself, with flows of the kernel alone: they do what is known of them.
@Suite(.enabled(if: runsSimulations)) struct NetworkSimulationTests {
    private func link(
        megabits: Double,
        milliseconds: Double,
        queue products: Double
    ) -> SimulatedLink.Options {
        let rate = megabits * 125_000
        let roundTrip = milliseconds / 1000
        return .init(
            rate: RateSchedule(rate),
            roundTrip: roundTrip,
            queueCapacity: rate * roundTrip * products
        )
    }

    private func flow(_ control: CongestionControl) -> SimulatedConnection.Options {
        SimulatedConnection.Options(congestionControl: control)
    }

    @Test func cubicFillsADropTailQueue() {
        let network = NetworkSimulation(seed: 1)
        let line = network.addLink(link(megabits: 50, milliseconds: 20, queue: 10))
        let flow = network.addFlow(over: line)
        let ping = network.addPing(over: line)
        network.run(until: 20)
        #expect(network.goodput(flow, from: 5, to: 20) >= 0.95 * 50 * 125_000)
        // 200 ms of queue, and a saw-tooth between 0.7 and 1 of the pipe and it.
        #expect(ping.percentile(0.5, from: 5, to: 20) >= 0.150)
        #expect(ping.percentile(0.95, from: 5, to: 20) <= 0.225)
        #expect(line.droppedSegments > 0)
    }

    /// A latecomer takes its time (RFC 9438, 5.3), and then has its share.
    @Test(arguments: 0..<3)
    func twoCubicFlowsShare(seed: UInt64) {
        let network = NetworkSimulation(seed: seed)
        let rate = 30 + Double(seed)
        let line = network.addLink(link(megabits: rate, milliseconds: 30, queue: 2))
        let flows = [network.addFlow(over: line), network.addFlow(over: line, from: 1)]
        network.run(until: 120)
        let shares = flows.map { network.goodput($0, from: 60, to: 120) }
        #expect(shares.jainIndex >= 0.9, "\(shares)")
        #expect(shares.reduce(0, +) >= 0.95 * rate * 125_000)
    }

    /// M. Mathis et al., "The macroscopic behavior of the TCP congestion avoidance algorithm", CCR 27(3), 1997; CUBIC is somewhat
    /// better (RFC 9438, 5.2).
    @Test(arguments: 0..<5)
    func lossStarvesCubicAndNotBBR(seed: UInt64) {
        func goodput(_ control: CongestionControl) -> Double {
            let network = NetworkSimulation(seed: seed)
            var options = link(megabits: 100, milliseconds: 80, queue: 1)
            options.lossChance = 0.01
            let line = network.addLink(options)
            let flow = network.addFlow(flow(control), over: line)
            network.run(until: 30)
            return network.goodput(flow, from: 5, to: 30) / 125_000
        }
        let cubic = goodput(.cubic)
        #expect(cubic > 1 && cubic < 5, "\(cubic)")
        let bbr = goodput(.bbr)
        #expect(bbr > 80, "\(bbr)")
    }

    @Test(arguments: [(10.0, 40.0), (50, 20), (200, 100), (900, 5)])
    func bbrKeepsTheQueueShort(megabits: Double, milliseconds: Double) {
        let network = NetworkSimulation(seed: 3)
        let line = network.addLink(link(megabits: megabits, milliseconds: milliseconds, queue: 10))
        var options = flow(.bbr)
        options.mostSendBuffer = 64 << 20
        let flow = network.addFlow(options, over: line)
        network.run(until: 12)
        #expect(network.goodput(flow, from: 5, to: 12) >= 0.9 * megabits * 125_000)
        #expect(network.queueDelay(0.95, from: 5, to: 12) <= 1.5 * milliseconds / 1000)
    }

    @Test(arguments: [CongestionControl.cubic, .bbr])
    func theSendBufferLimitsALongFatPath(control: CongestionControl) {
        let network = NetworkSimulation(seed: 4)
        let line = network.addLink(link(megabits: 800, milliseconds: 100, queue: 0.5))
        let limited = network.addFlow(flow(control), over: line)
        network.run(until: 15)
        let most = Double(4 << 20) / SimulatedConnection.truesize / 0.1
        let goodput = network.goodput(limited, from: 8, to: 15)
        #expect(goodput >= 0.6 * most && goodput <= 1.02 * most, "\(goodput / 125_000)")
        let sample = limited.senderSample(at: network.now)
        #expect(sample.sendBufferLimited > sample.busy / 4, "\(sample)")
    }

    @Test func aPacingRateHolds() {
        let network = NetworkSimulation(seed: 5)
        let line = network.addLink(link(megabits: 50, milliseconds: 40, queue: 4))
        let flow = network.addFlow(over: line)
        var decision = Decision(reason: .queueBuilding, ringBytes: 1 << 16)
        decision.pacingRate = 20 * 125_000
        network.at(0.5) { flow.apply(decision, at: network.now) }
        network.run(until: 10)
        let goodput = network.goodput(flow, from: 3, to: 10) / 125_000
        #expect(goodput >= 19 && goodput <= 20.2, "\(goodput)")
        #expect(network.queueDelay(0.95, from: 3, to: 10) <= 0.002)
    }

    @Test func anUnsentLimitHolds() {
        let network = NetworkSimulation(seed: 6)
        let line = network.addLink(link(megabits: 20, milliseconds: 40, queue: 1))
        let flow = network.addFlow(over: line)
        var decision = Decision(reason: .startup, ringBytes: 1 << 16)
        decision.notSentLowat = 16 << 10
        network.at(0.1) { flow.apply(decision, at: network.now) }
        var most = 0
        for tick in 400..<1000 {
            network.at(Double(tick) / 100) { most = max(most, flow.unsent) }
        }
        network.run(until: 10)
        #expect(network.goodput(flow, from: 3, to: 10) >= 0.93 * 20 * 125_000)
        #expect(most <= (16 << 10) + line.quantum * 2)
    }

    @Test func aSlowReaderClosesTheWindow() {
        let network = NetworkSimulation(seed: 7)
        let line = network.addLink(link(megabits: 100, milliseconds: 40, queue: 1))
        var options = flow(.cubic)
        options.readerRate = 2 * 125_000
        options.mostReceiveWindow = 256 << 10
        let slow = network.addFlow(options, over: line)
        network.at(10) { slow.readerRate = 90 * 125_000 }
        network.run(until: 20)
        let goodput = network.goodput(slow, from: 3, to: 10) / 125_000
        #expect(goodput >= 1.9 && goodput <= 2.1, "\(goodput)")
        let sample = slow.senderSample(at: network.now)
        #expect(sample.receiverLimited > 6_000_000)
        // 256 KiB a round trip.
        #expect(network.goodput(slow, from: 15, to: 20) / 125_000 >= 40)
    }

    /// A window that the receiver fixes is all that is in flight.
    @Test func aSourceWindowHolds() {
        let network = NetworkSimulation(seed: 8)
        let line = network.addLink(link(megabits: 20, milliseconds: 40, queue: 6))
        let sink = network.addLink(link(megabits: 1000, milliseconds: 0.2, queue: 20))
        let relay = network.addRelay(
            .init(DirectionController(.network, policy: .kernel)),
            from: flow(.cubic),
            over: line,
            sourcePath: network.addPath(),
            to: flow(.cubic),
            over: sink,
            sinkPath: network.addPath()
        )
        let ping = network.addPing(over: line)
        network.at(3) { relay.source?.receiver.setWindow(110_000) }
        network.at(15) { relay.source?.receiver.setWindow(nil) }
        network.run(until: 30)
        #expect(ping.percentile(0.95, from: 1, to: 3) >= 0.15)
        #expect(network.goodput(relay.sink, from: 5, to: 15) >= 0.95 * 20 * 125_000)
        #expect(ping.percentile(0.95, from: 5, to: 15) <= 0.055)
        // Given back, the flow fills the queue again.
        #expect(ping.percentile(0.95, from: 20, to: 30) >= 0.15)
    }

    @Test(arguments: 0..<40)
    func bytesAreConserved(seed: UInt64) {
        var random = RandomPath.generator(seed)
        let network = NetworkSimulation(seed: seed)
        let path = RandomPath(&random)
        let line = network.addLink(path.options)
        let sinkPath = RandomPath(&random)
        let sinkLine = network.addLink(sinkPath.options)
        var sink = flow(seed % 2 == 0 ? .cubic : .bbr)
        if seed % 3 == 0 { sink.readerRate = path.rate / 5 }
        let relay = network.addRelay(
            .init(DirectionController(.network, policy: .kernel)),
            from: flow(seed % 4 < 2 ? .cubic : .bbr),
            over: line,
            sourcePath: network.addPath(),
            to: sink,
            over: sinkLine,
            sinkPath: network.addPath()
        )
        network.run(until: 4)
        let source = relay.source!
        #expect(source.received == relay.relayed + relay.heldBytes)
        #expect(relay.sink.written == relay.relayed)
        for connection in [source, relay.sink] {
            #expect(connection.acknowledged <= connection.receiver.inOrder)
            #expect(connection.received <= connection.receiver.inOrder)
            #expect(connection.receiver.inOrder <= connection.next)
            #expect(connection.next <= connection.edge)
            #expect(connection.inFlight >= 0)
            #expect(connection.inFlight == connection.bursts.bytes + connection.suspectedBytes)
        }
        #expect(relay.sink.received > 0)
        #expect(Double(relay.sink.received) <= 4 * min(path.rate, sinkPath.rate))
    }

    @Test func theSameSeedIsTheSameRun() {
        func run(_ seed: UInt64) -> [Int] {
            let network = NetworkSimulation(seed: seed)
            var options = link(megabits: 20, milliseconds: 30, queue: 1)
            options.lossChance = 0.005
            options.jitter = 0.003
            let line = network.addLink(options)
            for start in 0..<3 { network.addFlow(over: line, from: Double(start)) }
            network.run(until: 6)
            return network.connections.map(\.received)
        }
        #expect(run(11) == run(11))
        #expect(run(11) != run(12))
    }

    @Test func aRateThatChangesIsFollowed() {
        let network = NetworkSimulation(seed: 9)
        var options = link(megabits: 40, milliseconds: 30, queue: 2)
        options.rate.change(to: 10 * 125_000, at: 10)
        options.roundTripChanges = [(10, 0.05)]
        let line = network.addLink(options)
        let flow = network.addFlow(over: line)
        let ping = network.addPing(over: line)
        network.run(until: 20)
        #expect(network.goodput(flow, from: 4, to: 10) >= 0.95 * 40 * 125_000)
        let after = network.goodput(flow, from: 12, to: 20)
        #expect(after >= 0.95 * 10 * 125_000 && after <= 10 * 125_001)
        #expect(ping.percentile(0, from: 11, to: 20) >= 0.08)
    }

    @Test func aMobileLinkStopsAndGoesOn() {
        let schedule = RateSchedule.mobile(mean: 1e6, seconds: 120, seed: 1)
        let means = (0..<1200).map { schedule.mean(from: Double($0) / 10, to: Double($0 + 1) / 10) }
        #expect(means.contains { $0 < 5000 } && means.contains { $0 > 3e6 })
        #expect(means.filter { $0 < 5000 }.count < 400)
    }

    @Test func aRadioLinkWanders() {
        let schedule = RateSchedule.radio(mean: 2.5e6, seconds: 60, seed: 1)
        let means = (0..<60).map { schedule.mean(from: Double($0), to: Double($0) + 1) }
        #expect(means.min()! < 2.0e6 && means.max()! > 3.0e6, "\(means)")
        #expect(abs(schedule.mean(from: 0, to: 60) - 2.5e6) < 0.5e6)
    }
}
