import Glibc
import Testing

@testable import SluiceCore

@Suite struct OriginGroupTests {
    private func route(
        origins count: Int,
        maxConnections: Int? = nil,
        panic: Int = EjectionConfiguration().panicPercent
    ) -> Route {
        let addresses = (1...count).map { OriginAddress(.ip("127.0.0.1", port: UInt16($0))) }
        var configuration = RouteConfiguration(name: "test", listen: [], origin: addresses[0])
        configuration.origins = addresses.map { address in
            var origin = OriginConfiguration(address)
            origin.maxConnections = maxConnections
            return origin
        }
        configuration.ejection?.failures = 1
        configuration.ejection?.panicPercent = panic
        return Route(index: 0, configuration: configuration)
    }

    /// Whom so many connections, one after the other, are sent to.
    private func chosen(_ group: OriginGroup, times: Int, at now: UInt64 = 1, except tried: [Int] = [])
        -> Set<Int>
    {
        Set(
            (0..<times).compactMap { _ in
                guard case .origin(let origin) = group.choose(at: now, except: Self.tried(tried, of: group))
                else { return nil }
                origin.record.places.giveBack()
                return origin.index
            }
        )
    }

    private static func tried(_ indices: [Int], of group: OriginGroup) -> TriedOrigins {
        var tried = TriedOrigins()
        for index in indices { tried.insert(group.route.origins[index]) }
        return tried
    }

    @Test func anEjectedOneIsLeftOutUntilItsTimeIsUp() {
        let route = route(origins: 3)
        let group = OriginGroup(route)
        #expect(route.origins[1].noteFailure(at: 1))
        #expect(chosen(group, times: 10) == [0, 2])
        #expect(chosen(group, times: 10, at: 10_001) == [0, 1, 2])
    }

    /// One of three is a third: still enough to be trusted. One of four is not.
    @Test(arguments: [(3, 2, Set([2])), (4, 3, Set([0, 1, 2, 3])), (1, 1, Set([0]))])
    func withTooFewHealthyOnesAllAreUsed(count: Int, failed: Int, expected: Set<Int>) {
        let route = route(origins: count)
        let group = OriginGroup(route)
        for origin in route.origins.prefix(failed) { _ = origin.noteFailure(at: 1) }
        #expect(chosen(group, times: 20) == expected)
    }

    @Test func withALowPanicThresholdOneIsEnoughAndNoneIsAll() {
        let route = route(origins: 10, panic: 1)
        let group = OriginGroup(route)
        for origin in route.origins.dropLast() { _ = origin.noteFailure(at: 1) }
        #expect(chosen(group, times: 20) == [9])
        _ = route.origins[9].noteFailure(at: 1)
        #expect(chosen(group, times: 20) == Set(0..<10))
    }

    @Test func withoutPanicOneIsEnoughAndNoneIsNone() {
        let route = route(origins: 3, panic: 0)
        let group = OriginGroup(route)
        _ = route.origins[0].noteFailure(at: 1)
        route.origins[1].record.passesChecks = false
        #expect(chosen(group, times: 10) == [2])
        // Not even as a last resort.
        #expect(chosen(group, times: 10, except: [2]).isEmpty)
        route.origins[2].record.passesChecks = false
        #expect(chosen(group, times: 10).isEmpty)
        #expect(chosen(group, times: 10, at: 10_001) == [0])
    }

    @Test func withoutEjectionTheChecksAreNeverIgnored() {
        var configuration = self.route(origins: 2).configuration
        configuration.ejection = nil
        let route = Route(index: 0, configuration: configuration)
        let group = OriginGroup(route)
        for origin in route.origins { origin.record.passesChecks = false }
        #expect(chosen(group, times: 10).isEmpty)
        route.origins[1].record.passesChecks = true
        #expect(chosen(group, times: 10) == [1])
    }

    @Test func aDrainedOneGetsNothingWhateverHappensToTheOthers() {
        let route = route(origins: 2)
        let group = OriginGroup(route)
        route.origins[0].record.isDrained = true
        _ = route.origins[1].noteFailure(at: 1)
        #expect(chosen(group, times: 10) == [1])
        #expect(chosen(group, times: 10, except: [1]).isEmpty)
        route.origins[1].record.isDrained = true
        guard case .none = group.choose(at: 1, except: TriedOrigins()) else {
            Issue.record("none is left")
            return
        }
    }

    @Test func aRetryGoesToAnotherAndAtLastToOneThatMayBeBack() {
        let route = route(origins: 3)
        let group = OriginGroup(route)
        _ = route.origins[2].noteFailure(at: 1)
        #expect(chosen(group, times: 10, except: [0]) == [1])
        #expect(chosen(group, times: 10, except: [0, 1]) == [2])
        #expect(chosen(group, times: 10, except: [0, 1, 2]).isEmpty)
    }

    @Test func fullOnesArePassedOverAndAllFullIsFull() {
        let route = route(origins: 2, maxConnections: 2)
        let groups = [OriginGroup(route), OriginGroup(route)]
        for turn in 0..<4 {
            guard case .origin = groups[turn % 2].choose(at: 1, except: TriedOrigins()) else {
                Issue.record("there is room")
                return
            }
        }
        #expect(route.origins.map(\.record.places.count) == [2, 2])
        guard case .full = groups[0].choose(at: 1, except: TriedOrigins()) else {
            Issue.record("there is no room")
            return
        }
        route.origins[1].record.places.giveBack()
        #expect(chosen(groups[1], times: 1) == [1])
    }

    /// A warm connection has a place already: it is used where there is no other.
    @Test func aFullOneWithAWarmConnectionIsNotFull() {
        var configuration = self.route(origins: 1, maxConnections: 1).configuration
        configuration.warmPool = WarmPoolConfiguration()
        let route = Route(index: 0, configuration: configuration)
        let group = OriginGroup(route)
        let (origin, pair) = (route.origins[0], DescriptorPair.tcp())
        let warm = WarmConnection(descriptor: dup(pair.first), address: .unix("/a"), openedAt: 1)
        origin.warm?.add(warm, below: origin.ceiling)
        #expect(origin.connections == 0 && origin.record.places.count == 1)
        guard case .ready(_, warm) = group.choose(at: 1, except: TriedOrigins()) else {
            Issue.record("there is a warm one")
            return
        }
        close(warm.descriptor)
        #expect(origin.connections == 1 && origin.record.places.count == 1)
        guard case .full = group.choose(at: 1, except: TriedOrigins()) else {
            Issue.record("there is no room")
            return
        }
    }

    @Test(arguments: [RemovalPolicy.keep, .close], [0, 33])
    func aConnectUnderWayMayOutliveItsOriginsHealthOrNot(policy: RemovalPolicy, panic: Int) {
        var configuration = self.route(origins: 2, panic: panic).configuration
        configuration.health = HealthConfiguration(check: .tcp)
        configuration.health?.onUnhealthy = policy
        let route = Route(index: 0, configuration: configuration)
        let group = OriginGroup(route)
        #expect(group.mayUse(route.origins[0], at: 1))
        route.origins[0].record.passesChecks = false
        #expect(group.mayUse(route.origins[0], at: 1) == (policy == .keep))
        route.origins[1].record.passesChecks = false
        // In a panic it would be chosen again.
        #expect(group.mayUse(route.origins[0], at: 1) == (policy == .keep || panic > 0))
    }

    @Test func theTimeIsSharedByAtMostThreeAttempts() {
        let group = OriginGroup(route(origins: 5))
        #expect((0...3).map { group.attemptsLeft(after: $0) } == [3, 2, 1, 1])
        #expect(OriginGroup(route(origins: 1)).attemptsLeft(after: 0) == 1)
    }
}
