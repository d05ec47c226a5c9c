import Testing

@testable import SluiceCore

@Suite struct UnhealthyOriginsTests {
    private func route(_ name: String, _ policy: RemovalPolicy?) -> RouteConfiguration {
        var route = RouteConfiguration(
            name: name,
            listen: [],
            origin: OriginAddress(.ip("127.0.0.1", port: 1))
        )
        guard let policy else { return route }
        route.health = HealthConfiguration(check: .tcp)
        route.health?.onUnhealthy = policy
        return route
    }

    @Test func aTurnIsToldOnceAndOnlyWhereItIsWanted() {
        var slots = RouteSlots()
        let routes = slots.assign([route("a", .close), route("b", .keep), route("c", nil)], current: [])
        let records = routes.map { $0.origins[0].record }
        var unhealthy = UnhealthyOrigins()
        unhealthy.watch(routes)
        #expect(unhealthy.turned().isEmpty)
        for record in records { record.passesChecks = false }
        #expect(unhealthy.turned() == [ObjectIdentifier(records[0])])
        records[0].passesChecks = false
        #expect(unhealthy.turned().isEmpty)
        // It may have come back by the time that somebody looks.
        records[0].passesChecks = true
        records[0].passesChecks = false
        records[0].passesChecks = true
        #expect(unhealthy.turned() == [ObjectIdentifier(records[0])])
    }

    @Test func aReloadForgetsNoTurnAndMakesNone() {
        var slots = RouteSlots()
        let before = slots.assign([route("a", .close), route("b", .keep)], current: [])
        let records = before.map { $0.origins[0].record }
        var unhealthy = UnhealthyOrigins()
        unhealthy.watch(before)
        for record in records { record.passesChecks = false }
        let after = slots.assign([route("b", .close), route("a", .close)], current: before)
        unhealthy.watch(after)
        // `b` turned when its connections were to live on.
        #expect(unhealthy.turned() == [ObjectIdentifier(records[0])])
    }
}
