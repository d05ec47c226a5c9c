import Testing

@testable import SluiceCore

@Suite struct ConnectionLimitsTests {
    private func route(_ maximum: Int? = nil, perClient: Int? = nil) -> Route {
        var route = RouteConfiguration(
            name: "test",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(.ip("127.0.0.1", port: 2))
        )
        route.maxConnections = maximum
        route.maxConnectionsPerClient = perClient
        return Route(index: 0, configuration: route)
    }

    private func client(_ host: String, port: UInt16 = 0) -> SocketAddress {
        SocketAddress(literal: host, port: port)!
    }

    @Test func eachLimitHoldsAlone() {
        let limits = ConnectionLimits(maxConnections: 3)
        let (narrow, wide) = (route(2), route())
        #expect(limits.take(for: narrow) && limits.take(for: narrow))
        #expect(!limits.hasRoom(for: narrow) && !limits.take(for: narrow))
        #expect(limits.hasRoom(for: wide) && limits.take(for: wide))
        #expect(!limits.hasRoom(for: wide) && !limits.take(for: wide))
        // What was refused counts for nothing, so one place given back is one to take.
        limits.release(narrow)
        #expect(limits.take(for: wide) && !limits.take(for: narrow))
    }

    @Test func withoutLimitsThereIsAlwaysRoom() {
        let limits = ConnectionLimits(maxConnections: nil)
        let route = route()
        for _ in 0..<10_000 where !limits.take(for: route) { Issue.record("refused") }
        #expect(limits.hasRoom(for: route))
    }

    /// A reload makes a new route, which has the old one's connections and a ceiling of its own.
    @Test func theNextRouteOfANameKeepsTheCount() {
        let limits = ConnectionLimits(maxConnections: 4)
        let before = route(3)
        #expect(limits.take(for: before) && limits.take(for: before) && limits.take(for: before))
        let after = Route(index: 0, configuration: route(2).configuration, usage: before.usage)
        #expect(!limits.take(for: after))
        limits.release(before)
        #expect(!limits.take(for: after))
        limits.release(before)
        #expect(limits.take(for: after))
        limits.maxConnections = 2
        #expect(!limits.hasRoom(for: route()))
        limits.maxConnections = 3
        #expect(limits.take(for: route()))
    }

    @Test func concurrentTakesNeverPassTheLimit() {
        let ceiling = 5
        let limits = ConnectionLimits(maxConnections: ceiling)
        let routes = [route(3), route()]
        let held = Locked([0, 0])
        let excesses = Locked(0)
        let threads = TestThreads(8) { thread in
            let index = thread % 2
            for _ in 0..<3000 where limits.take(for: routes[index]) {
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
        let places = (0..<10).filter { _ in limits.take(for: routes[1]) }
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
                let isTaken = limits.take(for: routes[index])
                if isTaken { limits.release(routes[index]) }
                if isTaken != (index == 0) { mistakes.withLock { $0 += 1 } }
            }
        }
        threads.join()
        #expect(mistakes.withLock { $0 } == 0)
    }

    @Test func aClientIsCountedByItsHost() {
        let (usage, other) = (RouteUsage(), RouteUsage())
        #expect(usage.takeClient(client("192.0.2.1", port: 1000), below: 2))
        #expect(usage.takeClient(client("::ffff:192.0.2.1", port: 1001), below: 2))
        #expect(!usage.takeClient(client("192.0.2.1", port: 1002), below: 2))
        #expect(!usage.takeClient(client("::ffff:192.0.2.1", port: 1003), below: 2))
        #expect(usage.takeClient(client("192.0.2.2"), below: 2), "another client has places of its own")
        #expect(usage.takeClient(client("2001:db8::1"), below: 2))
        #expect(other.takeClient(client("192.0.2.1"), below: 2), "and so has another route")

        usage.releaseClient(client("192.0.2.1", port: 1000))
        #expect(usage.takeClient(client("::ffff:192.0.2.1", port: 9), below: 2))
        #expect(!usage.takeClient(client("192.0.2.1", port: 9), below: 2))
    }

    @Test func aClientsPlacesAreExactUnderConcurrentTakes() {
        let usage = RouteUsage()
        let address = client("198.51.100.7")
        let held = Locked(0)
        let excesses = Locked(0)
        let threads = TestThreads(6) { _ in
            for _ in 0..<2000 where usage.takeClient(address, below: 3) {
                let now = held.withLock { held in
                    held += 1
                    return held
                }
                if now > 3 { excesses.withLock { $0 += 1 } }
                held.withLock { $0 -= 1 }
                usage.releaseClient(address)
            }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        #expect((0..<5).filter { _ in usage.takeClient(address, below: 3) }.count == 3)
    }
}
