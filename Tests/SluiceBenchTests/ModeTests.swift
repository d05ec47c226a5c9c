import Glibc
import SluiceCore
import Testing

@testable import SluiceBench

/// Each mode over loopback. Nothing here depends on how fast the machine is.
@Suite(.serialized) struct ModeTests {
    private func run(_ plan: BenchPlan) throws -> BenchResult {
        let result = try withBenchServer { try BenchClient(plan: plan, address: $0).run() }
        #expect(result.problem == nil)
        #expect(result.server != nil)
        #expect(!result.wasInterrupted)
        #expect(result.tally(.failures) == 0)
        #expect(result.clock == ClockRelation(isShared: true, offset: 0, uncertainty: 0))
        return result
    }

    private func expectAllArrived(_ result: BenchResult, _ directions: [FlowDirection]) throws {
        #expect(result.flowTotals.map(\.direction) == directions)
        for total in result.flowTotals {
            let sender = try #require(total.sender)
            let receiver = try #require(total.receiver)
            #expect(sender.bytes > 0)
            #expect(sender.bytes == receiver.bytes)
            #expect(!total.congestionControl.isEmpty && total.congestionControl != "unknown")
            for role in [FlowSeries.Role.sender, .receiver] {
                let series = try #require(result.flowSeries(total.direction, role))
                #expect(series.points.reduce(0) { $0 + $1.bytes } == sender.bytes)
                #expect(zip(series.points, series.points.dropFirst()).allSatisfy { $0.end == $1.start })
                #expect(series.points.allSatisfy { ($0.sender != nil) == (role == .sender) })
            }
        }
    }

    @Test func `stream upstream: every byte that was sent has arrived`() throws {
        try expectAllArrived(run(shortPlan(.stream)), [.upstream])
    }

    @Test func `stream downstream and both ways, over several connections`() throws {
        try expectAllArrived(run(shortPlan(.stream) { $0.directions = [.downstream] }), [.downstream])
        let both = shortPlan(.stream) {
            $0.directions = FlowDirection.allCases
            $0.parallel = 3
        }
        let result = try run(both)
        try expectAllArrived(result, FlowDirection.allCases)
        #expect(result.client.lanes.count == 6)
    }

    @Test(arguments: [FlowDirection.upstream, .downstream])
    func `a number of bytes is exact, whatever the block and the connections`(direction: FlowDirection) throws
    {
        let plan = shortPlan(.stream) {
            $0.seconds = nil
            $0.bytes = 1_000_003
            $0.blockBytes = 4096
            $0.parallel = 3
            $0.directions = [direction]
        }
        let result = try run(plan)
        #expect(result.flowTotals.first?.receiver?.bytes == 1_000_003)
        try expectAllArrived(result, [direction])
    }

    @Test func `a bit rate is not exceeded by more than a block`() throws {
        let plan = shortPlan(.stream) {
            $0.bitsPerSecond = 8_000_000
            $0.blockBytes = 1000
            $0.parallel = 2
        }
        let bytes = try #require(try run(plan).flowTotals.first?.sender?.bytes)
        // 1 MB/s for 0.3 s, and a block of each connection.
        #expect((1...302_000).contains(bytes))
    }

    @Test func `rr counts each request once, in a closed and in an open loop`() throws {
        for rate in [nil, 500.0] {
            let plan = shortPlan(.rr) {
                $0.request.requestBytes = 10
                $0.request.responseBytes = 3000
                $0.request.perSecond = rate
                $0.parallel = 3
            }
            let result = try run(plan)
            let count = result.tally(.requests)
            #expect(count > 0)
            #expect(result.latency(.response)?.count == count + result.tally(.unanswered))
            #expect(result.latency(.service)?.count == (rate == nil ? nil : count))
            if rate != nil { #expect(count + result.tally(.unanswered) == 150) }
            let bytes = result.client.lanes.reduce(0) { $0 + $1.bytes }
            #expect(bytes == count * 3010)
            let points = try #require(result.latencySeries.first { $0.metric == .response }).points
            #expect(points.reduce(0) { $0 + $1.count } == count + result.tally(.unanswered))
        }
    }

    @Test func `tokens: a first token for each stream, and a gap for each other token`() throws {
        let plan = shortPlan(.tokens) {
            $0.parallel = 2
            $0.tokens.count = 5
            $0.tokens.perSecond = 200
            $0.tokens.stallSeconds = 10
        }
        let result = try run(plan)
        let firsts = try #require(result.latency(.firstToken)).count
        let gaps = try #require(result.latency(.tokenGap)).count
        #expect(firsts + gaps == result.tally(.tokens))
        #expect(result.tally(.tokenStreams) >= firsts - 2)
        #expect(result.tally(.stalls) == 0)
    }

    @Test func `tokens: every gap at the limit is a stall`() throws {
        let plan = shortPlan(.tokens) {
            $0.tokens.count = 5
            $0.tokens.perSecond = 50
            $0.tokens.stallSeconds = 0.001
        }
        let result = try run(plan)
        // No gap is shorter than 10 ms by plan, and a late token only moves the time to the next one.
        let gaps = try #require(result.latency(.tokenGap))
        let long = gaps.cumulative(limit: 10_000).last { $0.nanoseconds < 1_000_000 }?.share ?? 0
        #expect(result.tally(.stalls) == UInt64((Double(gaps.count) * (1 - long)).rounded()))
        #expect(result.tally(.stalls) > 0)
    }

    @Test(arguments: ProbeKind.allCases)
    func `mixed measures idle first, then beside the bulk`(probe: ProbeKind) throws {
        let plan = shortPlan(.mixed) {
            $0.probe = probe
            $0.seconds = 0.6
            $0.tokens.count = 4
            $0.tokens.perSecond = 200
            $0.directions = FlowDirection.allCases
        }
        let result = try run(plan)
        try expectAllArrived(result, FlowDirection.allCases)
        let metric: Metric = probe == .rr ? .response : .firstToken
        #expect(result.latency(metric, .whole) == nil)
        for phase in [Phase.idle, .loaded] {
            #expect(result.latency(metric, phase)?.count ?? 0 > 0)
            #expect(result.roundTripsPerMinute(phase) ?? 0 > 0)
        }
    }

    @Test(arguments: FlowDirection.allCases)
    func `freshness: an age for each datum that was sent`(direction: FlowDirection) throws {
        let result = try run(shortPlan(.freshness) { $0.directions = [direction] })
        let sent = try #require(result.flowTotals.first?.sender?.bytes)
        #expect(sent == result.tally(.updates) * 1024)
        #expect(result.latency(.age)?.count == result.tally(.updates))
        // The clock is one, so no age is longer than the run and its end.
        let age = try #require(result.latency(.age))
        #expect(age.maximum < 60 * BenchClock.second)
    }

    @Test func `connect: a handshake and a first byte for each connection`() throws {
        let result = try run(shortPlan(.connect) { $0.parallel = 2 })
        let count = result.tally(.connects)
        #expect(count > 0)
        #expect(result.latency(.firstByte)?.count == count)
        #expect(result.latency(.connect)?.count == count)
    }

    @Test func `a process can be observed, and one that is not there is an error`() throws {
        try withBenchServer { address in
            var client = BenchClient(plan: shortPlan(.stream), address: address)
            client.observedPID = getpid()
            let observed = try #require(try client.run().observed)
            #expect(observed.pid == getpid())
            #expect(observed.residentPeak > 0)
            #expect(observed.residentPeak >= observed.residentStart)
            #expect(!observed.hasExited)
            // The largest number that a process can have is one less (proc(5), pid_max).
            client.observedPID = 1 << 22
            #expect(throws: BenchError.self) { try client.run() }
        }
    }

    @Test func `a result survives JSON`() throws {
        var client = BenchClient(plan: shortPlan(.mixed), address: .ip("127.0.0.1", port: 1))
        client.command = ["sluice", "bench", "client", "a b"]
        let result = try withBenchServer { address in
            client.address = address
            return try client.run()
        }
        let copy = try BenchResult(json: result.json)
        // As a Bool: a failure would print both.
        let isSame = try copy.json == result.json
        #expect(isSame)
        #expect(copy.plan == client.plan)
        #expect(copy.command == client.command)
        #expect(copy.client.facts == result.client.facts)
    }

    @Test func `a congestion control goes to both sides, and an unknown one is an error`() throws {
        try withBenchServer { address in
            var plan = shortPlan(.stream) { $0.congestionControl = "reno" }
            let result = try BenchClient(plan: plan, address: address).run()
            #expect(
                (result.client.lanes + (result.server?.lanes ?? [])).map(\.congestionControl) == [
                    "reno", "reno",
                ]
            )
            plan.congestionControl = "nonesuch"
            #expect(throws: BenchError.self) { try BenchClient(plan: plan, address: address).run() }
        }
    }
}
