import Synchronization

/// How many connections there may be: in all, per route, and per client of a route. Shared by all workers, and exact: a
/// place is taken before a connection is accepted.
final class ConnectionLimits: Sendable {
    private let total: Counter
    private let routes: [Counter]
    /// One table a route; untouched where the route has no such limit.
    private let clients: [Locked<[SocketAddress: Int]>]
    private let perClient: [Int?]

    /// Invariant: 0 <= count <= ceiling.
    private final class Counter: Sendable {
        private let ceiling: Int
        private let count = Atomic<Int>(0)

        init(ceiling: Int?) { self.ceiling = ceiling ?? .max }

        var hasRoom: Bool { count.load(ordering: .relaxed) < ceiling }

        func take() -> Bool {
            // Not added and taken back when it was too much: for a moment, that would refuse others their place.
            var current = count.load(ordering: .relaxed)
            while current < ceiling {
                let (done, seen) = count.weakCompareExchange(
                    expected: current,
                    desired: current + 1,
                    ordering: .relaxed
                )
                if done { return true }
                current = seen
            }
            return false
        }

        func giveBack() { count.wrappingSubtract(1, ordering: .relaxed) }
    }

    init(maxConnections: Int?, routes configurations: [RouteConfiguration]) {
        total = Counter(ceiling: maxConnections)
        routes = configurations.map { Counter(ceiling: $0.maxConnections) }
        clients = configurations.map { _ in Locked([:]) }
        perClient = configurations.map(\.maxConnectionsPerClient)
    }

    /// Takes a place for one connection of `route`; `release` gives it back. False when there is none.
    func take(route: Int) -> Bool {
        // The route first: one that is full takes no place from the others, not for a moment.
        guard routes[route].take() else { return false }
        guard total.take() else {
            routes[route].giveBack()
            return false
        }
        return true
    }

    func release(route: Int) {
        routes[route].giveBack()
        total.giveBack()
    }

    func hasRoom(route: Int) -> Bool { total.hasRoom && routes[route].hasRoom }

    /// Counts a connection of `client` (any port). False, and nothing counted, when it has as many as it may have.
    func takeClient(_ client: SocketAddress, route: Int) -> Bool {
        guard let ceiling = perClient[route] else { return true }
        return clients[route].withLock { counts in
            let count = counts[client.host, default: 0]
            guard count < ceiling else { return false }
            counts[client.host] = count + 1
            return true
        }
    }

    func releaseClient(_ client: SocketAddress, route: Int) {
        guard perClient[route] != nil else { return }
        clients[route].withLock { counts in
            let count = counts[client.host, default: 0]
            counts[client.host] = count > 1 ? count - 1 : nil
        }
    }
}
