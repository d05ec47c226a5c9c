import SluiceCore
import Yams

/// What a route says of where it connects: `to`, and how it chooses among several.
struct ReadOrigins {
    /// Each with the node of its address. Empty: the original destination, or a problem was reported.
    let list: [(origin: OriginConfiguration, node: Node)]
    let original: OriginalDestinationConfiguration?
    private let balance: BalanceMethod?
    private let queue: QueueConfiguration?
    private let health: HealthConfiguration?
    private let ejection: EjectionConfiguration?
    private let warmPool: WarmPoolConfiguration?

    init(_ route: SectionReader) {
        list = route.origins("to")
        original = Self.original(route)
        balance = route.choice("balance").flatMap(BalanceMethod.init)
        queue = Self.queue(route)
        health = ReadHealth.read(route)
        ejection = Self.ejection(route)
        warmPool = Self.warmPool(route)
    }

    /// A route with these origins. `nil`: what it cannot be without was missing or refused.
    func route(_ name: String, listen: [ListenAddress]) -> RouteConfiguration? {
        guard let first = list.first else {
            return original.map { RouteConfiguration(name: name, listen: listen, original: $0) }
        }
        var route = RouteConfiguration(name: name, listen: listen, origin: first.origin.address)
        route.origins = list.map(\.origin)
        if let balance { route.balance = balance }
        route.queue = queue
        route.health = health
        route.ejection = ejection
        route.warmPool = warmPool
        return route
    }

    /// `nil`: the origin is another one, or a problem was reported.
    private static func original(_ route: SectionReader) -> OriginalDestinationConfiguration? {
        let isOriginal = route.node("to")?.scalar?.string == "original"
        guard let section = route.section("original") else {
            if isOriginal, route.node("original") == nil {
                let allowed = "allowed: original: {allow: [10.0.0.0/8]}"
                route.report("the destinations that are allowed are missing (\(allowed))", "original")
            }
            return nil
        }
        var original = OriginalDestinationConfiguration(allow: section.destinations("allow"))
        if let via = section.choice("via").flatMap(OriginalDestinationConfiguration.Via.init) {
            original.via = via
        }
        if !isOriginal, route.node("to") != nil {
            route.report("'to' is another origin (allowed: with to: original)", "original")
        }
        return isOriginal ? original : nil
    }

    private static func queue(_ route: SectionReader) -> QueueConfiguration? {
        guard let section = route.section("queue") else {
            return route.isOff("queue") ? nil : QueueConfiguration()
        }
        var queue = QueueConfiguration()
        if let length = section.count("length") { queue.length = length }
        if let timeout = section.duration("timeout") { queue.timeout = timeout }
        return queue
    }

    private static func warmPool(_ route: SectionReader) -> WarmPoolConfiguration? {
        guard let section = route.section("warm_pool") else { return nil }
        var warmPool = WarmPoolConfiguration()
        if let most = section.count("max") { warmPool.most = most }
        if let maxAge = section.duration("max_age") { warmPool.maxAge = maxAge }
        return warmPool
    }

    private static func ejection(_ route: SectionReader) -> EjectionConfiguration? {
        guard let section = route.section("ejection") else {
            return route.isOff("ejection") ? nil : EjectionConfiguration()
        }
        var ejection = EjectionConfiguration()
        if let failures = section.count("failures") { ejection.failures = failures }
        if let time = section.duration("time") { ejection.time = time }
        if let maxTime = section.duration("max_time") { ejection.maxTime = maxTime }
        if let panic = section.count("panic") { ejection.panicPercent = panic }
        if ejection.maxTime < ejection.time {
            let (time, maxTime) = (DurationText(ejection.time), DurationText(ejection.maxTime))
            if section.node("max_time") == nil {
                section.report("\(time) is more than max_time (allowed: at most \(maxTime))", "time")
            } else {
                section.report("\(maxTime) is less than time (allowed: at least \(time))", "max_time")
            }
        }
        return ejection
    }
}
