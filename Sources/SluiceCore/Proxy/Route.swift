import SluiceControl

/// A route as the data plane uses it: its configuration, with everything that can be worked out beforehand.
///
/// Immutable. A reload makes new ones for new connections; those that there are keep theirs.
final class Route: Sendable {
    /// Timeouts in milliseconds of the loop's clock.
    struct Timeouts: Sendable {
        let connect: UInt64
        /// `nil`: never.
        let idle: UInt64?
        let halfClosed: UInt64
    }

    /// What has to come before the client's bytes.
    enum Opening: Equatable {
        case plain
        /// A PROXY header, within that time.
        case header(Duration)
        /// Nothing will do.
        case refused
    }

    /// Its slot in the workers' counters: see `RouteSlots`.
    let index: Int
    let configuration: RouteConfiguration
    let limits: RouteLimits
    /// Both are shared by all routes of this name, whichever configuration they are of.
    let usage: RouteUsage
    let trials: RouteTrials
    /// Empty where each connection goes to its original destination.
    let origins: [Origin]
    let originalDestination: OriginalDestination?
    let initialClass: FlowClass
    let classSource: ConnectionSensing.ClassSource
    /// What a connection's controllers may set: what the route does not forbid.
    let allowedActuators: ActuatorSet
    let holdback: Holdback
    /// Bytes of kernel memory for one side of one socket, sending or receiving.
    let sideMemory: Int
    /// Both indexed as `FlowClass.allCases`.
    private let targets: [ClassTargets]
    private let timeouts: [Timeouts]

    /// - Parameter before: The route of this name that it takes over from: its origins' records go on.
    init(
        index: Int,
        configuration: RouteConfiguration,
        classes: [FlowClass: ClassOverrides] = [:],
        usage: RouteUsage = RouteUsage(),
        trials: RouteTrials = RouteTrials(),
        before: Route? = nil
    ) {
        self.index = index
        self.configuration = configuration
        self.usage = usage
        self.trials = trials
        limits = RouteLimits(configuration)
        origins = configuration.origins.enumerated().map { index, origin in
            Self.origin(origin, at: index, of: configuration, before: before?.origin(at: origin.address))
        }
        originalDestination = configuration.original.map {
            OriginalDestination($0, listen: configuration.listen)
        }
        classSource = configuration.flowClass == nil ? .port : .configured
        initialClass =
            configuration.flowClass
            ?? ClassGuess.fromPort(configuration.origins.first?.address.address.port ?? 0)
        holdback = Holdback(share: configuration.policy == .adaptive ? configuration.holdback : 0)
        sideMemory = configuration.connectionMemoryBytes / 4
        allowedActuators = ActuatorSet.all.subtracting(configuration.forbiddenActuators)
        targets = FlowClass.allCases.map { flowClass in
            let targets = ClassTargets[for: flowClass]
            return classes[flowClass]?.applied(to: targets) ?? targets
        }
        timeouts = targets.map { Self.timeouts(configuration.timeouts, $0) }
    }

    var name: String { configuration.name }

    /// What the origin is called as long as none was chosen.
    var originName: String {
        switch origins.count {
        case 0: "original"
        case 1: origins[0].name
        default: ""
        }
    }

    private func origin(at address: OriginAddress) -> Origin? {
        origins.first { $0.configuration.address.address.canonical == address.address.canonical }
    }

    private static func origin(
        _ origin: OriginConfiguration,
        at index: Int,
        of route: RouteConfiguration,
        before: Origin?
    ) -> Origin {
        let record = before?.record ?? OriginRecord()
        let settings = route.warmPool.map { WarmPool.Settings(configuration: $0, mark: route.mark) }
        return Origin(
            index: index,
            configuration: origin,
            rules: route.ejection.map(EjectionState.Rules.init),
            record: record,
            warm: settings == before?.warm?.settings
                ? before?.warm : settings.map { WarmPool($0, record: record) }
        )
    }

    /// How a connection of `peer` has to begin.
    func opening(from peer: SocketAddress) -> Opening {
        guard let rules = configuration.acceptProxy else { return .plain }
        // Whoever may open a Unix socket, its file's permissions have said.
        if !peer.isTCP || rules.from.contains(where: { $0.contains(peer) }) { return .header(rules.timeout) }
        return rules.others == .direct ? .plain : .refused
    }

    func timeouts(for flowClass: FlowClass) -> Timeouts { timeouts[flowClass.index] }

    func targets(for flowClass: FlowClass) -> ClassTargets { targets[flowClass.index] }

    private static func timeouts(_ overrides: TimeoutOverrides, _ defaults: ClassTargets) -> Timeouts {
        let idle: Duration? =
            switch overrides.idle {
            case nil: defaults.idleTimeout
            case .never: nil
            case .after(let duration): duration
            }
        return Timeouts(
            connect: (overrides.connect ?? defaults.connectTimeout).milliseconds,
            idle: idle?.milliseconds,
            halfClosed: (overrides.halfClosed ?? defaults.halfClosedTimeout).milliseconds
        )
    }
}

extension Route {
    /// What connections of this class may use now: what the route does not forbid, less what was withdrawn.
    func actuators(for flowClass: FlowClass) -> ActuatorSet {
        allowedActuators.intersection(trials.allowed(for: flowClass))
    }

    /// The decision without what must not be used: a controller knows only what it was allowed when it was made.
    func permitted(_ decision: Decision, for flowClass: FlowClass) -> Decision {
        let allowedActuators = actuators(for: flowClass)
        var decision = decision
        if !allowedActuators.contains(.notSentLowat) { decision.notSentLowat = nil }
        if !allowedActuators.contains(.pacing) { decision.pacingRate = nil }
        if !allowedActuators.contains(.sendBuffer) { decision.sendBuffer = nil }
        if !allowedActuators.contains(.sourceWindow) { decision.sourceWindow = nil }
        if !allowedActuators.contains(.congestionControl) { decision.congestionControl = nil }
        return decision
    }
}

extension EjectionState.Rules {
    fileprivate init(_ configuration: EjectionConfiguration) {
        self.init(
            failures: configuration.failures,
            time: configuration.time.milliseconds,
            longestTime: max(configuration.time, configuration.maxTime).milliseconds
        )
    }
}
