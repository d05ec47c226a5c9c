import SluiceControl
import SluiceCore
import Yams

/// One item of `routes`, read, together with the nodes that the checks between routes point at.
struct ReadRoute {
    let section: SectionReader
    let name: String?
    let listens: [(address: ListenAddress, node: Node)]
    let origin: OriginAddress?
    let flowClass: FlowClass?
    let policy: Policy?
    let ringCeilingBytes: Int?
    let forbiddenActuators: ActuatorSet
    let connectionMemoryBytes: Int?
    let timeouts: TimeoutOverrides
    let limits: ReadLimits
    let access: ReadAccess

    /// Reads every key, even after a problem: the operator wants to see all of them.
    init(_ section: SectionReader) {
        self.section = section
        name = section.name("name")
        listens = section.listens("listen")
        origin = section.origin("to")
        flowClass = section.choice("class").flatMap(FlowClass.init)
        policy = Self.policy(section)
        ringCeilingBytes = section.size("ring_ceiling")
        forbiddenActuators = section.choices("forbid").compactMap(Actuator.init)
            .reduce(into: []) { $0.insert(ActuatorSet($1)) }
        connectionMemoryBytes = section.size("connection_memory")
        timeouts = TimeoutOverrides(section.section("timeouts"))
        limits = ReadLimits(section.section("limits"))
        access = ReadAccess(section.section("access"))
    }

    /// `nil`: what a route cannot be without was missing or refused.
    var configuration: RouteConfiguration? {
        guard let name, let origin, !listens.isEmpty else { return nil }
        var route = RouteConfiguration(name: name, listen: listens.map(\.address), origin: origin)
        route.flowClass = flowClass
        if let policy { route.policy = policy }
        if let ringCeilingBytes { route.ringCeilingBytes = ringCeilingBytes }
        route.forbiddenActuators = forbiddenActuators
        if let connectionMemoryBytes { route.connectionMemoryBytes = connectionMemoryBytes }
        route.timeouts = timeouts
        limits.apply(to: &route)
        route.access = access.configuration
        return route
    }

    /// `nil`: the default, or a problem was reported.
    private static func policy(_ route: SectionReader) -> Policy? {
        let policy = route.choice("policy")
        let sizes = route.section("static").flatMap(staticSizes)
        if policy == "static" {
            if route.node("static") == nil {
                route.report("policy static needs its sizes (allowed: static: {ring: 64K})", "static")
            }
            return sizes.map(Policy.fixed)
        }
        // A policy that was refused may have been meant to be static.
        if route.node("static") != nil, policy != nil || route.node("policy") == nil {
            route.report(
                "sizes are given, but the policy is \(policy ?? "adaptive") (allowed: with policy: static)",
                "static"
            )
        }
        return policy == "kernel" ? .kernel : nil
    }

    private static func staticSizes(_ section: SectionReader) -> StaticSizes? {
        var sizes = StaticSizes(ringBytes: 0)
        sizes.notSentLowat = section.size("notsent_lowat")
        sizes.sendBuffer = section.size("send_buffer")
        sizes.receiveBuffer = section.size("receive_buffer")
        sizes.congestionControl = section.congestionControl("congestion_control")
        guard let ring = section.size("ring") else { return nil }
        sizes.ringBytes = ring
        return sizes
    }
}
