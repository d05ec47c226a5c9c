import Testing

@testable import SluiceCore

@Suite struct OriginRemovalTests {
    private func routes(_ routes: (name: String, origins: [UInt16])..., after before: [Route] = []) -> [Route]
    {
        let configurations = routes.map { name, ports in
            let addresses = ports.map { OriginAddress(.ip("127.0.0.1", port: $0)) }
            var route = RouteConfiguration(name: name, listen: [], origin: addresses[0])
            route.origins = addresses.map(OriginConfiguration.init)
            return route
        }
        var slots = RouteSlots()
        return slots.assign(configurations, current: before)
    }

    private func drain(_ policy: RemovalPolicy) -> DrainConfiguration {
        var drain = DrainConfiguration()
        drain.deadline = .seconds(30)
        drain.window = .seconds(10)
        drain.removedOrigins = policy
        return drain
    }

    /// By their routes' names and their own addresses.
    @Test func onlyWhatIsConfiguredNoMoreIsGone() {
        let before = routes(("a", [1, 2]), ("b", [1]))
        let same = routes(("a", [2, 1, 3]), ("b", [1]), after: before)
        let fewer = routes(("a", [2]), ("b", [1]), after: before)
        let renamed = routes(("a", [1, 2]), ("c", [1]), after: before)
        #expect(OriginRemoval(from: before, to: same, drain(.close), now: 0) == nil)
        #expect(OriginRemoval(from: [], to: same, drain(.close), now: 0) == nil)
        for after in [fewer, renamed] {
            #expect(OriginRemoval(from: before, to: after, drain(.close), now: 0) != nil)
            #expect(OriginRemoval(from: before, to: after, drain(.keep), now: 0) == nil)
        }
    }

    @Test func itIsOverWithTheLastConnectionAndHasADeadline() throws {
        let before = routes(("a", [1, 2]))
        #expect(before[0].origins.allSatisfy { $0.take() })
        let after = routes(("a", [2]), after: before)
        let removal = try #require(OriginRemoval(from: before, to: after, drain(.close), now: 500))
        #expect(!removal.isOver)
        #expect(!removal.hasPassed(at: 30_499) && removal.hasPassed(at: 30_500))
        before[0].origins[0].record.places.giveBack()
        // The other origin's connection lives on.
        #expect(removal.isOver && after[0].origins[0].record.places.count == 1)
    }
}
