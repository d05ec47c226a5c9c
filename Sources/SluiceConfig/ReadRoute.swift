import SluiceControl
import SluiceCore
import Yams

/// One item of `routes`, read, together with the nodes that the checks between routes point at.
struct ReadRoute {
    let section: SectionReader
    let name: String?
    let listens: [(address: ListenAddress, node: Node)]
    let origins: ReadOrigins
    let source: SourceAddress?
    let mark: UInt32?
    let acceptProxy: AcceptProxyConfiguration?
    let sendProxy: SendProxy?
    let flowClass: FlowClass?
    let policy: Policy?
    let ringCeilingBytes: Int?
    let forbiddenActuators: ActuatorSet
    let connectionMemoryBytes: Int?
    let holdback: Double?
    let timeouts: TimeoutOverrides
    let limits: ReadLimits
    let access: ReadAccess

    /// Reads every key, even after a problem: the operator wants to see all of them.
    init(_ section: SectionReader) {
        self.section = section
        name = section.name("name")
        listens = section.listens("listen")
        origins = ReadOrigins(section)
        source = section.choice("source").flatMap(SourceAddress.init)
        mark = section.count("mark").map(UInt32.init)
        acceptProxy = Self.acceptProxy(section)
        sendProxy = section.choice("send_proxy").flatMap(SendProxy.init)
        flowClass = section.choice("class").flatMap(FlowClass.init)
        policy = Self.policy(section)
        ringCeilingBytes = section.size("ring_ceiling")
        forbiddenActuators = section.choices("forbid").compactMap(Actuator.init)
            .reduce(into: []) { $0.insert(ActuatorSet($1)) }
        holdback = section.percent("holdback")
        connectionMemoryBytes = section.size("connection_memory")
        timeouts = TimeoutOverrides(section.section("timeouts"))
        limits = ReadLimits(section.section("limits"))
        access = ReadAccess(section.section("access"))
    }

    /// `nil`: what a route cannot be without was missing or refused.
    var configuration: RouteConfiguration? {
        guard let name, !listens.isEmpty, var route = origins.route(name, listen: listens.map(\.address))
        else { return nil }
        if let source { route.source = source }
        route.mark = mark
        route.acceptProxy = acceptProxy
        route.sendProxy = sendProxy
        route.flowClass = flowClass
        if let policy { route.policy = policy }
        if let ringCeilingBytes { route.ringCeilingBytes = ringCeilingBytes }
        route.forbiddenActuators = forbiddenActuators
        if let holdback { route.holdback = holdback }
        if let connectionMemoryBytes { route.connectionMemoryBytes = connectionMemoryBytes }
        route.timeouts = timeouts
        limits.apply(to: &route)
        route.access = access.configuration
        return route
    }

    private static func acceptProxy(_ route: SectionReader) -> AcceptProxyConfiguration? {
        guard let section = route.section("accept_proxy") else { return nil }
        var rules = AcceptProxyConfiguration(from: section.prefixes("from").map(\.prefix))
        if let others = section.choice("others").flatMap(AcceptProxyConfiguration.Others.init) {
            rules.others = others
        }
        if let timeout = section.duration("timeout") { rules.timeout = timeout }
        return rules
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
