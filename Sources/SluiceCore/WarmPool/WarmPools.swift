/// The warm pools of all routes, as one worker uses them: it opens what its own connections have taken. One of the workers
/// tends them all.
///
/// Owns the connects under way on its loop. Thread: its loop's.
final class WarmPools {
    private unowned let context: RelayContext
    private let limits: ConnectionLimits
    private let budget: MemoryBudget
    private var members: [Member] = []
    private var dials: [WarmDial] = []

    private struct Member {
        let pool: WarmPool
        let origin: Origin
        let route: Route
    }

    init(context: RelayContext, limits: ConnectionLimits, budget: MemoryBudget) {
        self.context = context
        self.limits = limits
        self.budget = budget
    }

    /// From now on these are the pools. Those that are none any more are closed at once.
    func use(_ routes: [Route]) {
        let before = members
        members = routes.flatMap { route in
            route.origins.compactMap { origin in
                origin.warm.map { Member(pool: $0, origin: origin, route: route) }
            }
        }
        for member in before where !members.contains(where: { $0.pool === member.pool }) {
            member.pool.close()
        }
    }

    /// A connection of `route` has taken a warm one of `origin`, or has found none: opens what is missing.
    func refill(_ origin: Origin, of route: Route) {
        guard let pool = origin.warm, isServing(origin), !budget.isTight else { return }
        refill(pool, origin, route, spare: spareDescriptors)
    }

    /// Returns how many connects were begun.
    @discardableResult
    private func refill(_ pool: WarmPool, _ origin: Origin, _ route: Route, spare: Int) -> Int {
        // Whoever waits for a place comes before those who may come.
        guard route.usage.queue.isEmpty else { return 0 }
        let freePlaces = origin.ceiling - origin.record.places.count - pool.connectingCount
        let count = pool.open(at: context.loop.now, room: min(freePlaces, spare))
        for _ in 0..<count {
            let dial = WarmDial(to: origin, for: pool, of: route, context: context, owner: self)
            dials.append(dial)
            dial.start()
        }
        return count
    }

    /// Closes what is old, ended or not wanted, and opens what is missing. Every tick, on one worker.
    func tend() {
        guard !members.isEmpty else { return }
        var spare = spareDescriptors
        let isShort = spare < 0 || budget.isTight
        for member in members {
            if let rest = member.pool.tend(at: context.loop.now) {
                context.owner.warmPoolRests(member.origin, route: member.route, for: rest)
            }
            if !isServing(member.origin) {
                member.pool.empty(.withdrawn)
            } else if isShort {
                member.pool.empty(.gaveWay)
            } else {
                spare -= refill(member.pool, member.origin, member.route, spare: spare)
            }
        }
    }

    private func isServing(_ origin: Origin) -> Bool {
        !origin.record.isDrained && origin.isHealthy(at: context.loop.now)
    }

    // MARK: Giving way

    /// What the pools may still take: with the connections, as many as there may be of those, though one of them takes two.
    private var spareDescriptors: Int {
        limits.descriptorsLeft - members.reduce(0) { $0 + $1.pool.readyCount + $1.pool.connectingCount }
    }

    /// A connection was admitted: it has the descriptors that it was promised.
    func giveWay() {
        guard !members.isEmpty, spareDescriptors < 0 else { return }
        for member in members where member.pool.giveWay() { return }
    }

    /// The process is out of descriptors or of memory for sockets, whatever was counted.
    func standBack() {
        for member in members { member.pool.standBack(at: context.loop.now) }
    }

    /// The name has lost these addresses.
    func removed(_ addresses: Set<SocketAddress>, of name: Resolver.Name) {
        for member in members {
            guard case .name(name) = member.origin.target else { continue }
            member.pool.empty(of: addresses)
        }
    }

    // MARK: Ending

    func ended(_ dial: WarmDial) {
        guard let index = dials.firstIndex(where: { $0 === dial }) else { return }
        dials.remove(at: index)
    }

    /// The loop ends soon: closes all pools, and gives up every connect under way.
    func close() {
        for member in members { member.pool.close() }
        for dial in dials { dial.cancel() }
        dials.removeAll()
    }
}
