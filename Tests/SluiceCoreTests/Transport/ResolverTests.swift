import Testing

@testable import SluiceCore

/// Against /etc/hosts, and against name servers that answer, fail, lie and flap.
@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
    /// A label has 63 bytes at most, so this one fails without any name server being asked.
    private let impossible = Resolver.Name.host(String(repeating: "x", count: 64), port: 1)
    /// Too long for a host name at all.
    private let tooLong = Resolver.Name.host(String(repeating: "x", count: 2000), port: 1)
    private let origin = Resolver.Name.host("origin.test", port: 5432)

    /// Runs a loop with a resolver until `body`'s work calls the closure that it is given.
    private func withResolver(
        asking server: ScriptedNameServer? = nil,
        refresh: Duration = .seconds(3600),
        _ body: (EventLoop, Resolver, _ end: @escaping () -> Void) -> Void
    ) {
        let loop = EventLoop()
        let resolver = Resolver(
            loop: loop,
            refresh: refresh,
            servers: server?.address,
            timeoutMilliseconds: server == nil ? nil : 300
        )
        body(loop, resolver) {
            resolver.close()
            loop.stop()
        }
        loop.run()
        server?.stop()
    }

    /// Asks every few milliseconds, until `isEnough` of the answers; the end of the loop. What is not there yet is empty.
    private func ask(
        _ name: Resolver.Name,
        _ loop: EventLoop,
        _ resolver: Resolver,
        until isEnough: @escaping ([SocketAddress]) -> Bool,
        then end: @escaping () -> Void
    ) {
        var timer: RepeatingTimer!
        timer = RepeatingTimer(loop: loop, everyMilliseconds: 5) {
            guard isEnough(resolver.addresses(of: name) { _ in } ?? []) else { return }
            timer.close()
            end()
        }
    }

    private func texts(_ addresses: [SocketAddress]?) -> [String] { (addresses ?? []).map(\.description) }

    private static func answers(_ addresses: [String], timeToLive: UInt32 = 3600) -> ScriptedNameServer {
        ScriptedNameServer { $0.type == .a ? .addresses(addresses, timeToLive: timeToLive) : .code(0) }
    }

    // MARK: What needs no name server

    @Test func localhostResolvesAndIsThenKnown() {
        withResolver { _, resolver, end in
            let name = Resolver.Name.host("localhost", port: 4321)
            var answer: [SocketAddress]?
            let known = resolver.addresses(of: name) { addresses in answer = addresses }
            #expect(known == nil)
            #expect(answer?.isEmpty == false)
            #expect(answer?.allSatisfy { $0.isLoopback && $0.description.hasSuffix(":4321") } == true)
            let again = resolver.addresses(of: name) { _ in Issue.record("asked again") }
            #expect(Set(again ?? []) == Set(answer ?? []))
            end()
        }
    }

    @Test func aNameThatIsNoneGivesAnEmptyList() {
        withResolver { _, resolver, end in
            for name in [impossible, tooLong] {
                var answers: [[SocketAddress]] = []
                // Within the second after a failure the answer is the same, and comes at once.
                for _ in 0..<2 { #expect(resolver.addresses(of: name) { answers.append($0) } == nil) }
                #expect(answers == [[], []])
            }
            end()
        }
    }

    // MARK: Name servers

    @Test func whoAsksMeanwhileGetsTheSameAnswerToOneQuestion() {
        let server = Self.answers(["192.0.2.1"])
        var answers: [[SocketAddress]] = []
        withResolver(asking: server) { _, resolver, end in
            for _ in 0..<5 {
                let known = resolver.addresses(of: origin) { addresses in
                    answers.append(addresses)
                    if answers.count == 5 { end() }
                }
                #expect(known == nil)
            }
        }
        #expect(answers.map(texts) == [[String]](repeating: ["192.0.2.1:5432"], count: 5))
        #expect(server.questions(for: "origin.test", .a) == 1)
        #expect(server.questions(for: "origin.test", .aaaa) == 1)
    }

    @Test func severalAddressesTakeTurns() {
        let server = Self.answers(["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        var firsts: [String] = []
        withResolver(asking: server) { loop, resolver, end in
            ask(origin, loop, resolver) { addresses in
                if let first = addresses.first { firsts.append(first.description) }
                return firsts.count == 6
            } then: {
                end()
            }
        }
        #expect(Set(firsts[..<3]).count == 3)
        #expect(firsts[..<3] == firsts[3...])
    }

    /// The records live for a second, `refresh` is an hour.
    @Test func anAnswerIsAskedForAgainWhenItsRecordsHaveLived() {
        let server = ScriptedNameServer { question in
            guard question.type == .a else { return .code(0) }
            return .addresses([question.earlier == 0 ? "192.0.2.1" : "192.0.2.2"], timeToLive: 1)
        }
        var seen: [String] = []
        var removed: Set<SocketAddress> = []
        withResolver(asking: server) { loop, resolver, end in
            resolver.onRemoved = { name, addresses in
                #expect(name == origin)
                removed = addresses
            }
            ask(origin, loop, resolver) { addresses in
                seen += addresses.map(\.description)
                return seen.last == "192.0.2.2:5432"
            } then: {
                end()
            }
        }
        #expect(Set(seen) == ["192.0.2.1:5432", "192.0.2.2:5432"])
        #expect(texts(Array(removed)) == ["192.0.2.1:5432"])
    }

    /// Long-lived records, short `refresh`.
    @Test func refreshIsTheLongestTime() {
        let server = Self.answers(["192.0.2.1"], timeToLive: 86_400)
        withResolver(asking: server, refresh: .milliseconds(20)) { loop, resolver, end in
            ask(origin, loop, resolver) { _ in
                server.questions(for: "origin.test", .a) >= 3
            } then: {
                end()
            }
        }
    }

    // MARK: Faults

    /// Every way in which a name server fails, after one good answer: the old one is kept, without a gap.
    @Test(arguments: [
        ("SERVFAIL", ScriptedNameServer.Answer.code(2)), ("NXDOMAIN", .code(3)), ("no records", .code(0)),
        ("silence", .silence), ("garbage", .bytes([UInt8](repeating: 0xff, count: 40))),
        ("a stub", .bytes([])),
        ("a forged answer", .forged(["203.0.113.66"])),
    ])
    func `DNS that fails or lies leaves the old answer`(fault: String, answer: ScriptedNameServer.Answer) {
        let server = ScriptedNameServer { question in
            guard question.type == .a else { return .code(0) }
            return question.earlier == 0 ? .addresses(["192.0.2.1"], timeToLive: 1) : answer
        }
        var (seen, failures) = ([[String]](), 0)
        withResolver(asking: server) { loop, resolver, end in
            resolver.onFailed = { name, _, kept in
                #expect(name == origin && kept == 1)
                failures += 1
            }
            ask(origin, loop, resolver) { addresses in
                if !addresses.isEmpty || !seen.isEmpty { seen.append(texts(addresses)) }
                // Asked and failed several times, c-ares's own repetitions included.
                return failures > 0 && server.questions(for: "origin.test", .a) >= 6
            } then: {
                end()
            }
        }
        #expect(seen.allSatisfy { $0 == ["192.0.2.1:5432"] }, "\(fault)")
    }

    /// What the log tells, and what it does not: a good answer, and that a failure was remembered.
    @Test func aFailureIsToldOnceAQuestionWithItsReason() {
        var told: [String] = []
        withResolver(asking: ScriptedNameServer { _ in .code(3) }) { _, resolver, end in
            resolver.onFailed = { _, failure, kept in told.append("\(failure), \(kept)") }
            _ = resolver.addresses(of: .host("localhost", port: 1)) { _ in }
            _ = resolver.addresses(of: origin) { _ in
                _ = resolver.addresses(of: origin) { _ in end() }
            }
        }
        #expect(told == ["Domain name not found, 0"])
    }

    @Test func `DNS that flaps leaves no gap`() {
        let server = ScriptedNameServer { question in
            guard question.type == .a else { return .code(0) }
            switch question.earlier % 3 {
            case 0: return .addresses(["192.0.2.\(question.earlier + 1)"], timeToLive: 0)
            case 1: return .code(2)
            default: return .code(3)
            }
        }
        var (isKnown, gaps) = (false, 0)
        var seen: Set<String> = []
        withResolver(asking: server, refresh: .milliseconds(20)) { loop, resolver, end in
            ask(origin, loop, resolver) { addresses in
                if isKnown, addresses.isEmpty { gaps += 1 }
                isKnown = isKnown || !addresses.isEmpty
                seen.formUnion(texts(addresses))
                return seen.count >= 3
            } then: {
                end()
            }
        }
        #expect(gaps == 0)
        #expect(seen == ["192.0.2.1:5432", "192.0.2.4:5432", "192.0.2.7:5432"])
    }

    @Test func closingForgetsWhoWaits() {
        let server = ScriptedNameServer { _ in .silence }
        withResolver(asking: server) { loop, resolver, end in
            _ = resolver.addresses(of: origin) { _ in Issue.record("answered after the close") }
            _ = resolver.addresses(of: .service("_db._tcp.test")) { _ in Issue.record("answered") }
            ask(origin, loop, resolver) { _ in
                server.questions(for: "origin.test", .a) > 0
            } then: {
                end()
            }
        }
    }

    /// It closes the resolver that calls it: not from within c-ares, which would not survive it.
    @Test func anAnswerMayCloseTheResolver() {
        withResolver(asking: Self.answers(["192.0.2.1"])) { _, resolver, end in
            _ = resolver.addresses(of: origin) { _ in end() }
        }
    }

    // MARK: SRV

    @Test func aServiceIsItsHostsInTheOrderOfTheirPriorities() {
        let server = ScriptedNameServer { question in
            switch (question.type, question.name) {
            case (.srv, "_db._tcp.test"):
                .services(
                    [(20, 0, 5434, "spare.test"), (10, 5, 5432, "a.test"), (10, 5, 5433, "b.test")],
                    timeToLive: 60
                )
            case (.a, "a.test"): .addresses(["192.0.2.1"], timeToLive: 60)
            case (.a, "b.test"): .addresses(["192.0.2.2"], timeToLive: 60)
            case (.a, "spare.test"): .addresses(["192.0.2.3"], timeToLive: 60)
            default: .code(0)
            }
        }
        var orders: [[String]] = []
        withResolver(asking: server) { loop, resolver, end in
            ask(.service("_db._tcp.test"), loop, resolver) { addresses in
                if !addresses.isEmpty { orders.append(texts(addresses)) }
                return orders.count == 100
            } then: {
                end()
            }
        }
        #expect(orders.allSatisfy { $0.count == 3 && $0.last == "192.0.2.3:5434" })
        #expect(Set(orders.map { $0[0] }) == ["192.0.2.1:5432", "192.0.2.2:5433"])
        #expect(server.questions(for: "_db._tcp.test", .srv) == 1)
    }

    @Test func aHostOfAServiceThatFailsKeepsItsAddresses() {
        let server = ScriptedNameServer { question in
            switch (question.type, question.name) {
            case (.srv, _):
                .services([(1, 0, 5432, "a.test"), (2, 0, 5432, "b.test")], timeToLive: 0)
            case (.a, "a.test"): .addresses(["192.0.2.1"], timeToLive: 0)
            case (.a, "b.test"): question.earlier == 0 ? .addresses(["192.0.2.2"], timeToLive: 0) : .code(2)
            default: .code(0)
            }
        }
        var seen: Set<[String]> = []
        var failures = 0
        withResolver(asking: server, refresh: .milliseconds(20)) { loop, resolver, end in
            resolver.onRemoved = { _, addresses in Issue.record("lost \(addresses)") }
            resolver.onFailed = { name, _, kept in
                #expect(name == .service("_db._tcp.test") && kept == 2)
                failures += 1
            }
            ask(.service("_db._tcp.test"), loop, resolver) { addresses in
                if !addresses.isEmpty { seen.insert(texts(addresses)) }
                return failures > 0 && server.questions(for: "_db._tcp.test", .srv) >= 4
            } then: {
                end()
            }
        }
        #expect(seen == [["192.0.2.1:5432", "192.0.2.2:5432"]])
    }

    @Test func aServiceWithoutHostsFails() {
        let server = ScriptedNameServer { question in
            question.type == .srv ? .services([(0, 0, 1, "lost.test")], timeToLive: 60) : .code(3)
        }
        var answer: [SocketAddress]?
        withResolver(asking: server) { _, resolver, end in
            _ = resolver.addresses(of: .service("_db._tcp.test")) { addresses in
                answer = addresses
                end()
            }
        }
        #expect(answer == [])
    }
}
