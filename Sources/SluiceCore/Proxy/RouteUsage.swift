/// What a route's connections take, over all workers. It outlives a reload: the next route of the same name has it, too.
final class RouteUsage: Sendable {
    let connections = PlaceCounter()
    private let clients = Locked<[SocketAddress: Int]>([:])

    /// No connection is left. Whoever asks has made sure that none can come.
    var isIdle: Bool { connections.count == 0 }

    /// Counts a connection of `client` (any port). False, and nothing counted, when it has `ceiling` of them.
    func takeClient(_ client: SocketAddress, below ceiling: Int) -> Bool {
        clients.withLock { counts in
            let count = counts[client.host, default: 0]
            guard count < ceiling else { return false }
            counts[client.host] = count + 1
            return true
        }
    }

    func releaseClient(_ client: SocketAddress) {
        clients.withLock { counts in
            let count = counts[client.host, default: 0]
            counts[client.host] = count > 1 ? count - 1 : nil
        }
    }
}
