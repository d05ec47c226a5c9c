import Testing

@testable import SluiceCore

/// What a reload keeps: listeners by their address, counters by the route's name.
@Suite struct ReloadPlanTests {
    private func configuration(_ name: String, _ listen: [ListenAddress] = []) -> RouteConfiguration {
        RouteConfiguration(name: name, listen: listen, origin: OriginAddress(.ip("127.0.0.1", port: 2)))
    }

    private func route(_ name: String, _ listen: ListenAddress...) -> Route {
        Route(index: 0, configuration: configuration(name, listen))
    }

    private func tcp(_ port: UInt16, _ host: String = "127.0.0.1") -> ListenAddress {
        ListenAddress(.ip(host, port: port))
    }

    private func bound(_ routes: [Route]) -> [BoundListener] {
        routes.flatMap { route in route.configuration.listen.map { (route, $0) } }.enumerated().map {
            BoundListener(
                id: $0,
                configured: $1.1,
                address: .unix(""),
                ownsFile: true,
                isTransparent: $1.0.configuration.listensTransparently,
                route: $1.0
            )
        }
    }

    @Test func anAddressKeepsItsSocketsWhateverItsRoute() {
        let current = bound([route("a", tcp(1), tcp(2)), route("b", tcp(3, "::1"))])
        let plan = ListenerPlan(
            current: current,
            routes: [route("c", tcp(3, "0:0:0:0:0:0:0:1"), tcp(4)), route("d", tcp(2))]
        )
        #expect(plan.kept.map(\.id) == [2, 1])
        #expect(plan.kept.map(\.route.name) == ["c", "d"])
        #expect(plan.added.map(\.address) == [tcp(4)] && plan.added.map(\.route.name) == ["c"])
        #expect(plan.removed.map(\.id) == [0])
    }

    /// IP_TRANSPARENT is set before a socket listens.
    @Test func aListenerThatStaysIsNotSteeredOtherwise() throws {
        func steered(_ via: OriginalDestinationConfiguration.Via) -> Route {
            var configuration = configuration("a", [tcp(1)])
            configuration.original = OriginalDestinationConfiguration(allow: [])
            configuration.original?.via = via
            return Route(index: 0, configuration: configuration)
        }
        let current = bound([steered(.redirect)])
        try ListenerPlan(current: current, routes: [steered(.redirect)]).kept[0].check()
        #expect(throws: ListenError(.isSteeredOtherwise, route: "a", address: tcp(1))) {
            try ListenerPlan(current: current, routes: [steered(.tproxy)]).kept[0].check()
        }
    }

    @Test func onlyAFileWhoseModeOrGroupChangesIsPermittedAnew() {
        func unix(_ path: String, _ mode: UInt32?) -> ListenAddress {
            var address = ListenAddress(.unix(path: path))
            address.permissions.mode = mode
            return address
        }
        let current = bound([route("a", unix("/a", 0o600), unix("/b", 0o600), unix("/c", nil))])
        let plan = ListenerPlan(
            current: current,
            routes: [route("a", unix("/a", 0o600), unix("/b", 0o660), unix("/c", 0o666), unix("/d", 0o666))]
        )
        #expect(plan.permitted.map(\.id) == [1, 2])
        #expect(plan.permitted.map(\.configured.permissions.mode) == [0o660, 0o666])
        #expect(plan.kept.map(\.configured.permissions.mode) == [0o600, 0o660, 0o666])
        #expect(plan.added.map(\.address) == [unix("/d", 0o666)])
    }

    @Test func listenersOnPortZeroFollowTheirRouteThenTheirAddress() {
        let current = bound([route("a", tcp(0)), route("b", tcp(0), tcp(0))])
        let plan = ListenerPlan(
            current: current,
            routes: [route("b", tcp(0), tcp(0)), route("renamed", tcp(0)), route("new", tcp(0))]
        )
        #expect(plan.kept.map(\.id) == [1, 2, 0])
        #expect(plan.kept.map(\.route.name) == ["b", "b", "renamed"])
        #expect(plan.added.map(\.route.name) == ["new"])
        #expect(plan.removed.isEmpty)
    }

    @Test func aRouteKeepsItsSlotAndItsCountsByName() {
        var slots = RouteSlots()
        let first = slots.assign([configuration("a"), configuration("b")], current: [])
        #expect(first.map(\.index) == [0, 1])
        let second = slots.assign([configuration("b"), configuration("a")], current: first)
        #expect(second.map(\.index) == [1, 0])
        #expect(second[0].usage === first[1].usage)
    }

    @Test func anOriginKeepsItsRecordByRouteAndAddress() {
        func named(_ name: String, _ origins: String...) -> RouteConfiguration {
            var route = configuration(name)
            route.origins = origins.map { OriginConfiguration(OriginAddress(.name($0, port: 1))) }
            return route
        }
        var slots = RouteSlots()
        let first = slots.assign([named("a", "x", "y"), named("b", "x")], current: [])
        first[0].origins[0].record.isDrained = true
        #expect(first[0].origins[1].take())
        #expect(first[1].origins[0].record !== first[0].origins[0].record)

        var changed = named("a", "y", "z", "X")
        changed.origins[0].maxConnections = 1
        changed.origins[2].weight = 7
        let second = slots.assign([changed], current: first)[0].origins
        #expect(second.map(\.record.isDrained) == [false, false, true])
        #expect(second.map(\.record.places.count) == [1, 0, 0])
        // The new limit counts the old connections.
        #expect(!second[0].hasRoom && !second[0].take())
    }

    @Test func anOriginKeepsItsWarmPoolWhereThatIsAsItWas() {
        func route(most: Int?, mark: UInt32? = nil, failures: Int = 3) -> RouteConfiguration {
            var route = configuration("a")
            route.warmPool = most.map { most in
                var pool = WarmPoolConfiguration()
                pool.most = most
                return pool
            }
            route.mark = mark
            route.ejection?.failures = failures
            return route
        }
        var slots = RouteSlots()
        var routes = slots.assign([route(most: 8)], current: [])
        let first = routes[0].origins[0].warm
        routes = slots.assign([route(most: 8, failures: 9)], current: routes)
        #expect(first != nil && routes[0].origins[0].warm === first)
        for changed in [route(most: 9), route(most: 8, mark: 1)] {
            let origin = slots.assign([changed], current: routes)[0].origins[0]
            #expect(origin.warm != nil && origin.warm !== first)
            #expect(origin.record === routes[0].origins[0].record)
        }
        #expect(slots.assign([route(most: nil)], current: routes)[0].origins[0].warm == nil)
    }

    @Test func aSlotIsReusedOnceItsLastConnectionIsGone() {
        var slots = RouteSlots()
        let first = slots.assign([configuration("a"), configuration("b")], current: [])
        #expect(first[0].usage.connections.take(below: 1))
        // `a` and `b` still have their listeners while this one is made.
        let second = slots.assign([configuration("c")], current: first)
        #expect(second.map(\.index) == [2] && slots.names == ["a", "b", "c"])
        let third = slots.assign([configuration("d"), configuration("e")], current: second)
        #expect(third.map(\.index) == [1, 3] && slots.names == ["a", "d", "c", "e"])
        first[0].usage.connections.giveBack()
        let fourth = slots.assign([configuration("f")], current: third)
        #expect(fourth.map(\.index) == [0])
        #expect(fourth[0].usage !== first[0].usage)
    }
}
