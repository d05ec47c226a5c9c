import Glibc
import SluiceCore
import SluiceRandom
import Testing

@testable import SluiceBench

/// Runs that do not come about, and runs that break off: each with its own error, and none that hangs.
@Suite(.serialized) struct PairingTests {
    private func fail(_ address: Address, _ plan: BenchPlan = shortPlan(.stream)) throws -> BenchError {
        var client = BenchClient(plan: plan, address: address)
        client.connectTimeout = 0.5
        return try #require(throws: BenchError.self) { try client.run() }
    }

    @Test func `nobody listens`() throws {
        // Bound, so that no other test gets the port; not listening, so that it refuses.
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(holder, $0, length) == 0 && getsockname(holder, $0, &length) == 0
            }
        }
        try #require(isBound)
        let address = Address.ip("127.0.0.1", port: UInt16(bigEndian: name.sin_port))
        #expect(try fail(address) == .refused(address.description))
    }

    @Test func `somebody listens and says nothing`() throws {
        let done = Gate()
        try withStranger(Stranger.silent(until: done)) { address in
            defer { done.open() }
            guard case .notABenchServer(_, let reason) = try fail(address) else {
                Issue.record("another error")
                return
            }
            #expect(reason.contains("silent for 0.5 s"))
        }
    }

    @Test func `a web server answers`() throws {
        let answer = Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8)
        try withStranger(Stranger.answering(answer)) { address in
            let error = try fail(address)
            #expect(error == .notABenchServer(address.description, reason: "it answers something else"))
        }
    }

    @Test func `somebody hangs up`() throws {
        try withStranger(Stranger.hangingUp) { address in
            guard case .notABenchServer(_, let reason) = try fail(address) else {
                Issue.record("another error")
                return
            }
            #expect(reason.contains("without an answer"))
        }
    }

    @Test func `an old or a new server names its version`() throws {
        var answer = Preamble(kind: .control, status: .versionMismatch)
        answer.version = 9
        let bytes = answer.bytes
        try withStranger(Stranger.answering(bytes)) { address in
            let error = try fail(address)
            #expect(
                error == .versionMismatch(address.description, server: 9, client: Preamble.currentVersion)
            )
            #expect(error.description.contains("same release"))
        }
    }

    @Test func `the server tells an old or a new client its version`() throws {
        try withBenchServer { address in
            let socket = try BenchSocket.connect(to: BenchTarget(address), within: 5)
            var preamble = Preamble(kind: .control)
            preamble.version = 9
            try socket.send(preamble.bytes, until: .max)
            let answer = try #require(Preamble(try socket.receive(count: Preamble.byteCount, until: .max)))
            #expect(answer.status == .versionMismatch)
            #expect(answer.version == Preamble.currentVersion)
        }
    }

    @Test func `a busy server turns the next client away, and takes it afterwards`() throws {
        try withBenchServer { address in
            let began = Gate()
            let stop = Gate()
            var first = BenchClient(plan: shortPlan(.stream) { $0.seconds = 3600 }, address: address)
            first.onInterval = { _ in began.open() }
            let running = BenchThread("first") { [first] in _ = try? first.run(stop: stop) }
            began.wait()
            let error = try fail(address)
            #expect(error == .busy(address.description))
            stop.open()
            running.join()
            let next = try BenchClient(plan: shortPlan(.stream), address: address).run()
            #expect(next.problem == nil)
        }
    }

    @Test func `one run follows the other at once`() throws {
        try withBenchServer { address in
            for _ in 0..<10 {
                let plan = shortPlan(.stream) {
                    $0.seconds = nil
                    $0.bytes = 1000
                }
                let result = try BenchClient(plan: plan, address: address).run()
                #expect(result.problem == nil)
            }
        }
    }

    @Test(arguments: BenchMode.allCases)
    func `a run that is stopped reports what it measured`(mode: BenchMode) throws {
        try withBenchServer { address in
            let stop = Gate()
            let plan = shortPlan(mode) {
                $0.seconds = 3600
                $0.directions = FlowDirection.allCases
                $0.tokens.perSecond = 1000
            }
            var client = BenchClient(plan: plan, address: address)
            client.onInterval = { interval in
                if interval.end > 0.15 { stop.open() }
            }
            let result = try client.run(stop: stop)
            #expect(result.wasInterrupted)
            #expect(result.problem == nil)
            #expect(result.server != nil)
            #expect(result.seconds < 3600)
            #expect(result.client.lanes.allSatisfy { $0.failure == nil })
            if mode == .stream {
                for total in result.flowTotals { #expect(total.sender?.bytes == total.receiver?.bytes) }
            }
        }
    }

    @Test func `a run that is stopped before it begins is an error`() throws {
        let done = Gate()
        try withStranger(Stranger.silent(until: done)) { address in
            defer { done.open() }
            let stop = Gate()
            stop.open()
            #expect(throws: BenchError.stoppedEarly) {
                try BenchClient(plan: shortPlan(.stream), address: address).run(stop: stop)
            }
        }
    }

    @Test func `a server that goes away leaves a result that says so`() throws {
        let server = try BenchServer(listen: .ip("127.0.0.1", port: 0))
        server.start()
        let plan = shortPlan(.stream) { $0.seconds = 3600 }
        var client = BenchClient(plan: plan, address: try Address(parsing: server.address))
        client.onInterval = { _ in server.stop() }
        let result = try client.run()
        server.wait()
        #expect(result.problem != nil)
        #expect(result.server == nil)
        #expect(result.client.lanes.first.map(\.bytes) ?? 0 > 0)
    }

    @Test func `a plan that the server cannot run is rejected with the reason`() throws {
        try withBenchServer { address in
            let socket = try ClientHandshake(target: BenchTarget(address), patience: 5)
                .open(Preamble(kind: .control), unless: Gate())
            let channel = MessageChannel(socket: socket, limit: MessageChannel.fromServer)
            try channel.send(.plan(shortPlan(.stream) { $0.parallel = 5000 }), until: .max)
            guard case .rejected(let reason) = try channel.receive(until: .max) else {
                Issue.record("it was not rejected")
                return
            }
            #expect(reason.contains("--parallel is 5000"))
        }
    }

    /// Whatever strangers send, the server goes on, and the next run is whole.
    @Test func `a bad peer costs nobody but itself`() throws {
        let reasons = Locked<[String]>([])
        let remember: @Sendable (BenchServer.Event) -> Void = { event in
            if case .failed(let reason) = event { reasons.withLock { $0.append(reason) } }
        }
        try withBenchServer(onEvent: remember) { address in
            let target = try BenchTarget(address)
            var generator = SplitMix64(seed: 3)
            // Silent, talkative, half a preamble, somebody else's run, and an endless message.
            let silent = try BenchSocket.connect(to: target, within: 5)
            for _ in 0..<50 {
                let socket = try BenchSocket.connect(to: target, within: 5)
                let noise = (0..<Int.random(in: 1...100, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                try? socket.send(noise, until: .max)
            }
            let half = try BenchSocket.connect(to: target, within: 5)
            try half.send(Array(Preamble(kind: .control).bytes.prefix(20)), until: .max)
            let foreign = try BenchSocket.connect(to: target, within: 5)
            try foreign.send(Preamble(kind: .data, token: .random()).bytes, until: .max)
            let answer = try #require(Preamble(try foreign.receive(count: Preamble.byteCount, until: .max)))
            #expect(answer.status == .unknownToken)
            let endless = try ClientHandshake(target: target, patience: 5)
                .open(Preamble(kind: .control), unless: Gate())
            try endless.send([0xff, 0xff, 0xff, 0xff], until: .max)
            // The server ends that session by itself.
            #expect(throws: ExchangeError.self) { try endless.receive(count: 1, until: .max) }
            let result = try BenchClient(plan: shortPlan(.stream), address: address).run()
            #expect(result.problem == nil)
            withExtendedLifetime((silent, half)) {}
        }
        #expect(reasons.withLock { $0 }.contains { $0.contains("4294967295 bytes") })
    }

    @Test func `a second server on the same port is an error`() throws {
        try withBenchServer { address in
            let error = try #require(throws: BenchError.self) { try BenchServer(listen: address) }
            #expect(error.description.contains("Address already in use"))
        }
    }

    @Test func `clocks are related by the quickest exchange`() {
        let exchanges: [MachineClock.Exchange] = [
            .init(asked: 1000, peer: 50_000, answered: 9000),
            .init(asked: 10_000, peer: 51_000, answered: 10_200),
        ]
        let relation = MachineClock.relate(exchanges, isShared: false)
        #expect(relation == ClockRelation(isShared: false, offset: 10_100 - 51_000, uncertainty: 100))
        #expect(FreshnessFrame.age(stamp: 51_000, peerClock: relation.offset, now: 10_600) == 500)
        // A datum from the future, by clocks that are off: no age is below zero.
        #expect(FreshnessFrame.age(stamp: 90_000, peerClock: 0, now: 10) == 0)
    }
}
