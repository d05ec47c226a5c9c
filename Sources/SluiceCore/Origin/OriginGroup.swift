/// Origins that have failed one connection: by their records, because a reload may come between two attempts.
struct TriedOrigins {
    private var records: [OriginRecord] = []

    var count: Int { records.count }
    var isEmpty: Bool { records.isEmpty }

    func contains(_ origin: Origin) -> Bool { records.contains { $0 === origin.record } }

    mutating func insert(_ origin: Origin) { records.append(origin.record) }
}

/// The origins of one route, as one worker chooses among them. Thread: its loop's.
final class OriginGroup {
    enum Choice {
        /// With a place taken on it, which is the caller's to release.
        case origin(Origin)
        /// The same, with a connection to it that is the caller's, too.
        case ready(Origin, WarmConnection)
        /// All that could be chosen have as many connections as they may have.
        case full
        /// There is none that could be chosen.
        case none
    }

    /// Milliseconds of a connect's time go to so many origins at most: each attempt is to have a fair chance.
    static let mostAttempts = 3

    let route: Route
    private var origins: [Origin] { route.origins }
    /// 0: never.
    private let panicPercent: Int
    private var balancer: Balancer

    init(_ route: Route) {
        self.route = route
        panicPercent = route.configuration.ejection?.panicPercent ?? 0
        balancer = Balancer(
            route.configuration.balance,
            weights: route.origins.map(\.configuration.weight)
        )
    }

    /// Chooses one that was not tried yet. `now` is the loop's time.
    func choose(at now: UInt64, except tried: TriedOrigins) -> Choice {
        let isPanic = isPanic(at: now)
        let isCandidate = { (origin: Origin) in
            !origin.record.isDrained && !tried.contains(origin) && (isPanic || origin.isHealthy(at: now))
        }
        if let choice = pick(at: now, isCandidate) { return choice }
        if origins.contains(where: isCandidate) { return .full }
        // The healthy ones have failed this connection, so one that may be back from its ejection is better than none.
        guard panicPercent > 0, !tried.isEmpty else { return .none }
        let isLastResort = { (origin: Origin) in
            !origin.record.isDrained && origin.record.passesChecks && !tried.contains(origin)
        }
        return pick(at: now, isLastResort) ?? .none
    }

    /// How many more origins a connection may try, at least one.
    func attemptsLeft(after tried: Int) -> Int {
        let serving = origins.count { !$0.record.isDrained }
        return max(1, min(Self.mostAttempts, serving) - tried)
    }

    /// Whether a connection that was on its way to `origin` may be used. Not where the checks have found that unhealthy
    /// meanwhile, and its connections end for it.
    func mayUse(_ origin: Origin, at now: UInt64) -> Bool {
        route.configuration.health?.onUnhealthy != .close || origin.record.passesChecks || isPanic(at: now)
    }

    private func pick(at now: UInt64, _ isCandidate: (Origin) -> Bool) -> Choice? {
        while true {
            let chosen = balancer.choose(at: now) { index in
                let origin = origins[index]
                guard origin.hasRoom, isCandidate(origin) else { return nil }
                return Balancer.Standing(
                    connections: origin.connections,
                    roundTrip: origin.record.roundTripMicroseconds
                )
            }
            guard let origin = chosen.map({ origins[$0] }) else { return nil }
            if let connection = origin.warm?.take(at: now) { return .ready(origin, connection) }
            // Another worker may have taken the last place meanwhile.
            if origin.take() { return .origin(origin) }
        }
    }

    /// So few are healthy that the rest could not carry the load, or it is our own view that is wrong: all are used.
    private func isPanic(at now: UInt64) -> Bool {
        guard panicPercent > 0 else { return false }
        let serving = origins.count { !$0.record.isDrained }
        let healthy = origins.count { !$0.record.isDrained && $0.isHealthy(at: now) }
        return healthy == 0 || healthy * 100 < serving * panicPercent
    }
}
