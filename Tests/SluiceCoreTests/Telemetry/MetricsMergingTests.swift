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
}
