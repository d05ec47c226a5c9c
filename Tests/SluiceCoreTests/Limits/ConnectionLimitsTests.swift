import Testing

@testable import SluiceCore

@Suite struct ConnectionLimitsTests {
    private func route(_ maximum: Int? = nil, _ change: (inout RouteConfiguration) -> Void = { _ in })
        -> Route
    {
        var route = RouteConfiguration(
            name: "test",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(.ip("127.0.0.1", port: 2))
        )
        route.maxConnections = maximum
        change(&route)
        return Route(index: 0, configuration: route)
    }

    private func client(_ host: String, port: UInt16 = 0) -> SocketAddress {
        SocketAddress(literal: host, port: port)!
    }

    @Test func eachLimitHoldsAlone() {
        let limits = ConnectionLimits(maxConnections: 3)
        let (narrow, wide) = (route(2), route())
        #expect(limits.take(for: narrow) == .admitted && limits.take(for: narrow) == .admitted)
        #expect(!limits.hasRoom(for: narrow) && limits.take(for: narrow) == .full)
        #expect(limits.hasRoom(for: wide) && limits.take(for: wide) == .admitted)
        #expect(!limits.hasRoom(for: wide) && limits.take(for: wide) == .full)
        // What was refused counts for nothing, so one place given back is one to take.
        limits.release(narrow)
        #expect(limits.take(for: wide) == .admitted && limits.take(for: narrow) == .full)
    }

    @Test func withoutLimitsThereIsAlwaysRoom() {
        let limits = ConnectionLimits(maxConnections: nil)
        let route = route()
        for _ in 0..<10_000 where limits.take(for: route) != .admitted { Issue.record("refused") }
        #expect(limits.hasRoom(for: route))
    }

    /// A reload makes a new route, which has the old one's connections and a ceiling of its own.
    @Test func theNextRouteOfANameKeepsTheCount() {
        let limits = ConnectionLimits(maxConnections: 4)
        let before = route(3)
        #expect(
            limits.take(for: before) == .admitted && limits.take(for: before) == .admitted
                && limits.take(for: before) == .admitted
        )
        let after = Route(index: 0, configuration: route(2).configuration, usage: before.usage)
        #expect(limits.take(for: after) == .full)
        limits.release(before)
        #expect(limits.take(for: after) == .full)
        limits.release(before)
        #expect(limits.take(for: after) == .admitted)
        limits.maxConnections = 2
        #expect(!limits.hasRoom(for: route()))
        limits.maxConnections = 3
        #expect(limits.take(for: route()) == .admitted)
    }

    @Test func concurrentTakesNeverPassTheLimit() {
        let ceiling = 5
        let limits = ConnectionLimits(maxConnections: ceiling)
        let routes = [route(3), route()]
        let held = Locked([0, 0])
        let excesses = Locked(0)
        let threads = TestThreads(8) { thread in
            let index = thread % 2
            for _ in 0..<3000 where limits.take(for: routes[index]) == .admitted {
                let now = held.withLock { held in
                    held[index] += 1
                    return held
                }
                if now[0] > 3 || now[0] + now[1] > ceiling { excesses.withLock { $0 += 1 } }
                held.withLock { $0[index] -= 1 }
                limits.release(routes[index])
            }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        let places = (0..<10).filter { _ in limits.take(for: routes[1]) == .admitted }
        #expect(places.count == ceiling, "every place was given back, and none twice")
    }

    /// One place, and one thread that may have it.
    @Test func nobodyIsRefusedWhileThereIsRoom() {
        let limits = ConnectionLimits(maxConnections: 1)
        let routes = [route(1), route(0)]
        let mistakes = Locked(0)
        let threads = TestThreads(3) { thread in
            // The others ask for a route that is full, and disturb nobody.
            let index = thread == 0 ? 0 : 1
            for _ in 0..<200_000 {
                let isTaken = limits.take(for: routes[index]) == .admitted
                if isTaken { limits.release(routes[index]) }
                if isTaken != (index == 0) { mistakes.withLock { $0 += 1 } }
            }
        }
        threads.join()
        #expect(mistakes.withLock { $0 } == 0)
    }

    @Test func aRouteTakesSoManyNewConnectionsASecond() {
        let limits = ConnectionLimits(maxConnections: nil)
        let route = route { $0.connectionRate = 10 }
        let second = 1_000_000_000
        for _ in 0..<10 { #expect(limits.take(for: route, now: second) == .admitted) }
        #expect(limits.take(for: route, now: second) == .tooSoon)
        #expect(!limits.hasRoom(for: route, now: second))
        #expect(route.usage.connections.count == 10, "what came too soon takes no place")
        #expect(limits.hasRoom(for: route, now: second + second / 10))
        #expect(limits.take(for: route, now: second + second / 10) == .admitted)
        #expect(limits.take(for: route, now: second + second / 10) == .tooSoon)
        // Nobody came: the next may.
        limits.giveBack(route)
        #expect(limits.take(for: route, now: second + second / 10) == .admitted)
    }

    private func limits(perClient: Int? = nil, rate: Int? = nil) -> RouteLimits {
        route {
            $0.maxConnectionsPerClient = perClient
            $0.connectionRatePerClient = rate
        }.limits
    }

    private func admit(_ client: SocketAddress, _ usage: RouteUsage, _ limits: RouteLimits, now: Int = 0)
        -> ClientUsage?
    {
        if case .admitted(let client) = usage.admit(client, limits: limits, now: now) { client } else { nil }
    }

    @Test func aClientIsCountedByItsHost() throws {
        let (usage, other, two) = (RouteUsage(), RouteUsage(), limits(perClient: 2))
        let first = try #require(admit(client("192.0.2.1", port: 1000), usage, two))
        #expect(admit(client("::ffff:192.0.2.1", port: 1001), usage, two) === first)
        #expect(admit(client("192.0.2.1", port: 1002), usage, two) == nil)
        #expect(admit(client("::ffff:192.0.2.1", port: 1003), usage, two) == nil)
        #expect(admit(client("192.0.2.2"), usage, two) != nil, "another client has places of its own")
        #expect(admit(client("2001:db8::1"), usage, two) != nil)
        #expect(admit(client("192.0.2.1"), other, two) != nil, "and so has another route")

        usage.release(first, now: 0)
        #expect(admit(client("::ffff:192.0.2.1", port: 9), usage, two) != nil)
        #expect(admit(client("192.0.2.1", port: 9), usage, two) == nil)
    }

    @Test func aClientThatGoesAndComesBackGainsNothing() throws {
        let (usage, rate) = (RouteUsage(), limits(rate: 2))
        let second = 1_000_000_000
        for _ in 0..<2 {
            usage.release(try #require(admit(client("192.0.2.1"), usage, rate, now: second)), now: second)
        }
        guard case .overRate = usage.admit(client("192.0.2.1"), limits: rate, now: second) else {
            Issue.record("a third in the same second")
            return
        }
        #expect(admit(client("192.0.2.2"), usage, rate, now: second) != nil)
        #expect(admit(client("192.0.2.1"), usage, rate, now: second + second / 2) != nil)
    }

    @Test func aClientsPlacesAreExactUnderConcurrentTakes() {
        let (usage, three) = (RouteUsage(), limits(perClient: 3))
        let address = client("198.51.100.7")
        let held = Locked(0)
        let excesses = Locked(0)
        let threads = TestThreads(6) { _ in
            for _ in 0..<2000 {
                guard let client = admit(address, usage, three) else { continue }
                let now = held.withLock { held in
                    held += 1
                    return held
                }
                if now > 3 { excesses.withLock { $0 += 1 } }
                held.withLock { $0 -= 1 }
                usage.release(client, now: 0)
            }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        #expect((0..<5).filter { _ in admit(address, usage, three) != nil }.count == 3)
    }
}
