import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct RouteTests {
    private func route(
        origin: Address = .ip("127.0.0.1", port: 5432),
        flowClass: FlowClass? = nil,
        timeouts: TimeoutOverrides = TimeoutOverrides(),
        forbidden: ActuatorSet = [],
        classes: [FlowClass: ClassOverrides] = [:]
    ) -> Route {
        var configuration = RouteConfiguration(
            name: "test",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(origin)
        )
        configuration.flowClass = flowClass
        configuration.timeouts = timeouts
        configuration.forbiddenActuators = forbidden
        return Route(index: 0, configuration: configuration, classes: classes)
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

    @Test func theConfigurationSaysWhatAClassMeans() {
        var overrides = ClassOverrides()
        overrides.queueBudget = .milliseconds(7)
        overrides.startupNotSentLowat = 65536
        overrides.timeouts = TimeoutOverrides(idle: .never, halfClosed: .seconds(9))
        let changed = route(classes: [.cache: overrides])
        #expect(changed.targets(for: .cache).queueBudget == .milliseconds(7))
        #expect(changed.targets(for: .cache).startupNotSentLowat == 65536)
        #expect(changed.timeouts(for: .cache).idle == nil)
        #expect(changed.timeouts(for: .cache).halfClosed == 9000)
        #expect(
            changed.timeouts(for: .cache).connect == ClassTargets[for: .cache].connectTimeout.milliseconds
        )
        #expect(changed.targets(for: .llm) == ClassTargets[for: .llm])
        // What the route itself says goes first.
        let own = route(timeouts: TimeoutOverrides(halfClosed: .seconds(1)), classes: [.cache: overrides])
        #expect(own.timeouts(for: .cache).halfClosed == 1000)
    }

    @Test(arguments: Actuator.allCases) func aDecisionNamesNothingThatIsForbidden(actuator: Actuator) {
        var decision = Decision(reason: .networkLimited, ringBytes: 4096, notSentLowat: 1)
        decision.pacingRate = 2
        decision.sendBuffer = 3
        decision.sourceWindow = 4
        decision.congestionControl = .bbr
        let permitted = route(forbidden: ActuatorSet(actuator)).permitted(decision, for: .network)
        #expect((permitted.notSentLowat == nil) == (actuator == .notSentLowat))
        #expect((permitted.pacingRate == nil) == (actuator == .pacing))
        #expect((permitted.sendBuffer == nil) == (actuator == .sendBuffer))
        #expect((permitted.sourceWindow == nil) == (actuator == .sourceWindow))
        #expect((permitted.congestionControl == nil) == (actuator == .congestionControl))
    }

    @Test func onlyAnAdaptiveRouteHoldsBack() {
        func share(_ policy: Policy) -> Double {
            var configuration = RouteConfiguration(
                name: "test",
                listen: [],
                origin: OriginAddress(.ip("127.0.0.1", port: 1))
            )
            configuration.policy = policy
            configuration.holdback = 0.2
            return Route(index: 0, configuration: configuration).holdback.share
        }
        #expect(share(.adaptive) == 0.2 && share(.kernel) == 0)
    }

    @Test func theClassIsTheConfiguredOneOrGuessedFromThePort() {
        let guessed = route()
        #expect(guessed.initialClass == .database && guessed.classSource == .port)
        let configured = route(flowClass: .telemetry)
        #expect(configured.initialClass == .telemetry && configured.classSource == .configured)
        #expect(route(origin: .unix(path: "/run/x")).classSource == .port)
    }
}
