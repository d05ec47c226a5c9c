import Testing

@testable import SluiceCore

@Suite struct ConnectionLimitsTests {
    private func route(_ maximum: Int? = nil, perClient: Int? = nil) -> RouteConfiguration {
        var route = RouteConfiguration(
            name: "test",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(.ip("127.0.0.1", port: 2))
        )
        route.maxConnections = maximum
        route.maxConnectionsPerClient = perClient
        return route
    }

    private func client(_ host: String, port: UInt16 = 0) -> SocketAddress {
        SocketAddress(literal: host, port: port)!
    }

    @Test func eachLimitHoldsAlone() {
        let limits = ConnectionLimits(maxConnections: 3, routes: [route(2), route()])
        #expect(limits.take(route: 0) && limits.take(route: 0))
        #expect(!limits.hasRoom(route: 0) && !limits.take(route: 0))
        #expect(limits.hasRoom(route: 1) && limits.take(route: 1))
        #expect(!limits.hasRoom(route: 1) && !limits.take(route: 1))
        // What was refused counts for nothing, so one place given back is one to take.
        limits.release(route: 0)
        #expect(limits.take(route: 1) && !limits.take(route: 0))
    }

    @Test func withoutLimitsThereIsAlwaysRoom() {
        let limits = ConnectionLimits(maxConnections: nil, routes: [route()])
        for _ in 0..<10_000 where !limits.take(route: 0) { Issue.record("refused") }
        #expect(limits.hasRoom(route: 0))
    }

    @Test func concurrentTakesNeverPassTheLimit() {
        let ceiling = 5
        let limits = ConnectionLimits(maxConnections: ceiling, routes: [route(3), route()])
        let held = Locked([0, 0])
        let excesses = Locked(0)
        let threads = TestThreads(8) { thread in
            let route = thread % 2
            for _ in 0..<3000 where limits.take(route: route) {
                let now = held.withLock { held in
                    held[route] += 1
                    return held
                }
                if now[0] > 3 || now[0] + now[1] > ceiling { excesses.withLock { $0 += 1 } }
                held.withLock { $0[route] -= 1 }
                limits.release(route: route)
            }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        let places = (0..<10).filter { _ in limits.take(route: 1) }
        #expect(places.count == ceiling, "every place was given back, and none twice")
    }

    /// One place, and one thread that may have it.
    @Test func nobodyIsRefusedWhileThereIsRoom() {
        let limits = ConnectionLimits(maxConnections: 1, routes: [route(1), route(0)])
        let mistakes = Locked(0)
        let threads = TestThreads(3) { thread in
            // The others ask for a route that is full, and disturb nobody.
            let route = thread == 0 ? 0 : 1
            for _ in 0..<200_000 {
                let isTaken = limits.take(route: route)
                if isTaken { limits.release(route: route) }
                if isTaken != (route == 0) { mistakes.withLock { $0 += 1 } }
            }
        }
        threads.join()
        #expect(mistakes.withLock { $0 } == 0)
    }

    @Test func aClientIsCountedByItsHost() {
        let limits = ConnectionLimits(maxConnections: nil, routes: [route(perClient: 2), route()])
        #expect(limits.takeClient(client("192.0.2.1", port: 1000), route: 0))
        #expect(limits.takeClient(client("::ffff:192.0.2.1", port: 1001), route: 0))
        #expect(!limits.takeClient(client("192.0.2.1", port: 1002), route: 0))
        #expect(!limits.takeClient(client("::ffff:192.0.2.1", port: 1003), route: 0))
        #expect(limits.takeClient(client("192.0.2.2"), route: 0), "another client has places of its own")
        #expect(limits.takeClient(client("2001:db8::1"), route: 0))
        #expect(limits.takeClient(client("192.0.2.1"), route: 1), "and another route no such limit")

        limits.releaseClient(client("192.0.2.1", port: 1000), route: 0)
        #expect(limits.takeClient(client("::ffff:192.0.2.1", port: 9), route: 0))
        #expect(!limits.takeClient(client("192.0.2.1", port: 9), route: 0))
    }

    @Test func aClientsPlacesAreExactUnderConcurrentTakes() {
        let limits = ConnectionLimits(maxConnections: nil, routes: [route(perClient: 3)])
        let address = client("198.51.100.7")
        let held = Locked(0)
        let excesses = Locked(0)
        let threads = TestThreads(6) { _ in
            for _ in 0..<2000 where limits.takeClient(address, route: 0) {
                let now = held.withLock { held in
                    held += 1
                    return held
                }
                if now > 3 { excesses.withLock { $0 += 1 } }
                held.withLock { $0 -= 1 }
                limits.releaseClient(address, route: 0)
            }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        #expect((0..<5).filter { _ in limits.takeClient(address, route: 0) }.count == 3)
    }
}
