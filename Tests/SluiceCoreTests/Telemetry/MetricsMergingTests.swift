import Testing

@testable import SluiceCore

@Suite struct MetricsMergingTests {
    /// A new field that `populated` leaves empty would make the tests below blind to it.
    @Test func theSampleFillsEveryField() {
        let empty = Mirror(reflecting: RouteMetrics()).children
        let filled = Mirror(reflecting: RouteMetrics.populated()).children
        for (one, other) in zip(empty, filled) {
            #expect("\(one.value)" != "\(other.value)", "\(one.label ?? "")")
        }
    }

    @Test func mergingIntoNothingGivesTheSame() {
        var merged = RouteMetrics()
        merged.merge(.populated())
        #expect(merged == .populated())
    }

    @Test func mergingAddsEveryField() {
        var merged = RouteMetrics.populated()
        merged.merge(.populated(scale: 2))
        #expect(merged == .populated(scale: 3))
    }

    @Test func aRouteIsThereBeforeAnyWorkerAnswers() {
        let snapshot = MetricsSnapshot(routeNames: ["a", "b"], workers: [])
        #expect(snapshot.routes.map(\.name) == ["a", "b"])
        #expect(snapshot.routes.allSatisfy { $0.metrics == RouteMetrics() })
    }

    /// Two workers may be asked before and after a reload: what belongs together is known by its name.
    @Test func workersAreMergedByName() {
        var before = WorkerMetrics(routeNames: ["a", "gone", "ended"])
        before.routes[0].opened = 1
        before.routes[1].live = 1
        before.routes[2].opened = 5
        var after = WorkerMetrics(routeNames: ["a", "gone", "b"])
        after.routes[0].opened = 2
        after.routes[2].opened = 4
        let snapshot = MetricsSnapshot(routeNames: ["b", "a"], workers: [before, after])
        #expect(
            snapshot.routes.map(\.name) == ["b", "a", "gone"],
            "a removed route stays while it has connections"
        )
        #expect(snapshot.routes.map(\.metrics.opened) == [4, 3, 0])
    }

    @Test func aSlotOfAnotherRouteBeginsAtZero() {
        var metrics = WorkerMetrics(routeNames: ["a", "b"])
        metrics.routes[0].opened = 1
        metrics.routes[1].opened = 2
        metrics.setRouteNames(["a", "c", "d"])
        #expect(metrics.routeNames == ["a", "c", "d"])
        #expect(metrics.routes.map(\.opened) == [1, 0, 0])
    }
}
