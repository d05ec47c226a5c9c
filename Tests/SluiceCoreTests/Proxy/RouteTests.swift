import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct RouteTests {
    private func route(
        origin: Address = .ip("127.0.0.1", port: 5432),
        flowClass: FlowClass? = nil,
        timeouts: TimeoutOverrides = TimeoutOverrides()
    ) -> Route {
        var configuration = RouteConfiguration(
            name: "test",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(origin)
        )
        configuration.flowClass = flowClass
        configuration.timeouts = timeouts
        return Route(index: 0, configuration: configuration)
    }

    @Test(arguments: FlowClass.allCases)
    func withoutOverridesTheClassDecides(flowClass: FlowClass) {
        let timeouts = route().timeouts(for: flowClass)
        let targets = ClassTargets[for: flowClass]
        #expect(timeouts.connect == targets.connectTimeout.milliseconds)
        #expect(timeouts.idle == targets.idleTimeout?.milliseconds)
        #expect(timeouts.halfClosed == targets.halfClosedTimeout.milliseconds)
    }

    @Test(arguments: FlowClass.allCases)
    func anOverrideHoldsForEveryClass(flowClass: FlowClass) {
        let overrides = TimeoutOverrides(
            connect: .milliseconds(1),
            idle: .after(.milliseconds(2)),
            halfClosed: .milliseconds(3)
        )
        let timeouts = route(timeouts: overrides).timeouts(for: flowClass)
        #expect(timeouts.connect == 1)
        #expect(timeouts.idle == 2)
        #expect(timeouts.halfClosed == 3)
    }

    @Test(arguments: FlowClass.allCases)
    func neverIsNoTimeout(flowClass: FlowClass) {
        let timeouts = route(timeouts: TimeoutOverrides(idle: .never)).timeouts(for: flowClass)
        #expect(timeouts.idle == nil)
        #expect(timeouts.halfClosed == ClassTargets[for: flowClass].halfClosedTimeout.milliseconds)
    }

    @Test func theClassIsTheConfiguredOneOrGuessedFromThePort() {
        let guessed = route()
        #expect(guessed.initialClass == .database && guessed.classSource == .port)
        let configured = route(flowClass: .telemetry)
        #expect(configured.initialClass == .telemetry && configured.classSource == .configured)
        #expect(route(origin: .unix(path: "/run/x")).classSource == .port)
    }

    @Test func onlyANameIsLeftToBeResolved() {
        guard case .addresses(let literals) = route(origin: .ip("::1", port: 7)).origin else {
            Issue.record("a literal is known")
            return
        }
        #expect(literals == [SocketAddress(literal: "::1", port: 7)])
        guard case .addresses([.unix("/run/x")]) = route(origin: .unix(path: "/run/x")).origin else {
            Issue.record("a path is known")
            return
        }
        guard case .name("db.example", port: 7) = route(origin: .name("db.example", port: 7)).origin else {
            Issue.record("a name is not")
            return
        }
    }
}
