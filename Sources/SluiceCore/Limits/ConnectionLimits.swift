import Synchronization

/// How many connections there may be: in all, per route, and per client of a route. Shared by all workers, and exact: a
/// place is taken before a connection is accepted.
///
/// The ceilings are those of the route that is asked for; the counts are its `RouteUsage`, which a reload keeps.
final class ConnectionLimits: Sendable {
    private let total = PlaceCounter()
    private let totalCeiling: Atomic<Int>
    /// What the descriptor limit allows, whatever is configured.
    private let descriptorCeiling: Int

    init(maxConnections: Int?, descriptorCeiling: Int = .max) {
        self.descriptorCeiling = descriptorCeiling
        totalCeiling = Atomic(min(maxConnections ?? .max, descriptorCeiling))
    }

    /// Connections that there are still descriptors for.
    var descriptorsLeft: Int { descriptorCeiling - total.count }

    /// Ceiling on all connections. Lowering it ends none of those that there are.
    var maxConnections: Int {
        get { totalCeiling.load(ordering: .relaxed) }
        set { totalCeiling.store(min(newValue, descriptorCeiling), ordering: .relaxed) }
    }

    /// What became of the wish for one more connection.
    enum Admission {
        case admitted
        /// There are as many connections as there may be.
        case full
        /// There were as many new ones as there may be in this time.
        case tooSoon
    }

    /// Takes a place for one connection of `route`, which `release` gives back.
    func take(for route: Route, now: Int = MonotonicClock.nanoseconds) -> Admission {
        // The route first: one that is full takes no place from the others, not for a moment.
        guard route.usage.connections.take(below: route.limits.connections) else { return .full }
        guard total.take(below: maxConnections) else {
            route.usage.connections.giveBack()
            return .full
        }
        if let rate = route.limits.connectionRate, !route.usage.accepted.take(1, at: rate, now: now) {
            release(route)
            return .tooSoon
        }
        return .admitted
    }

    /// Nobody came for the place that was taken.
    func giveBack(_ route: Route) {
        if let rate = route.limits.connectionRate { route.usage.accepted.giveBack(1, at: rate) }
        release(route)
    }

    func release(_ route: Route) {
        route.usage.connections.giveBack()
        total.giveBack()
    }

    func hasRoom(for route: Route, now: Int = MonotonicClock.nanoseconds) -> Bool {
        if let rate = route.limits.connectionRate, !route.usage.accepted.hasOne(at: rate, now: now) {
            return false
        }
        return total.count < maxConnections && route.usage.connections.count < route.limits.connections
    }
}

/// Counts places that are taken. Invariant: 0 <= count; a `take` never passes its ceiling.
final class PlaceCounter: Sendable {
    private let taken = Atomic<Int>(0)

    var count: Int { taken.load(ordering: .relaxed) }

    func take(below ceiling: Int) -> Bool {
        // Not added and taken back when it was too much: for a moment, that would refuse others their place.
        var current = count
        while current < ceiling {
            let (done, seen) = taken.weakCompareExchange(
                expected: current,
                desired: current + 1,
                ordering: .relaxed
            )
            if done { return true }
            current = seen
        }
        return false
    }

    func giveBack() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
