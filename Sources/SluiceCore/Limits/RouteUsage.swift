/// What a route's connections take, over all workers. It outlives a reload: the next route of the same name has it, too.
final class RouteUsage: Sendable {
    let connections = PlaceCounter()
    let accepted = TokenBucket()
    let bandwidth = DirectionBuckets()
    let queue = OriginQueue()
    private let clients = Locked(Clients())

    private struct Clients {
        var usages: [SocketAddress: ClientUsage] = [:]
        /// How many clients there are when those are forgotten that use nothing any more.
        var sweepAt = smallestSweep
    }

    private static let smallestSweep = 1024

    /// No connection is left. Whoever asks has made sure that none can come.
    var isIdle: Bool { connections.count == 0 }

    /// Counts a connection of `client` (any port), or says which of its limits it is over, and counts nothing.
    func admit(_ client: SocketAddress, limits: RouteLimits, now: Int) -> ClientAdmission {
        clients.withLock { clients in
            let usage = clients.usages[client.host] ?? ClientUsage(host: client.host)
            guard usage.connections.take(below: limits.perClient) else { return .overLimit }
            if let rate = limits.connectionRatePerClient, !usage.accepted.take(1, at: rate, now: now) {
                usage.connections.giveBack()
                return .overRate
            }
            clients.usages[client.host] = usage
            if clients.usages.count >= clients.sweepAt { Self.sweep(&clients, now: now) }
            return .admitted(usage)
        }
    }

    /// A connection that was admitted is over.
    func release(_ client: ClientUsage, now: Int) {
        clients.withLock { clients in
            client.connections.giveBack()
            if client.isForgettable(at: now) { clients.usages[client.host] = nil }
        }
    }

    /// A client that has gone is remembered until its rates have recovered, so that it gains nothing by coming back.
    private static func sweep(_ clients: inout Clients, now: Int) {
        clients.usages = clients.usages.filter { !$0.value.isForgettable(at: now) }
        clients.sweepAt = max(smallestSweep, clients.usages.count * 2)
    }
}

/// What became of a client's wish for one more connection.
enum ClientAdmission {
    case admitted(ClientUsage)
    /// It has as many as it may have.
    case overLimit
    /// It had as many in the last second as it may have.
    case overRate
}

/// What one client of one route takes, over all workers.
final class ClientUsage: Sendable {
    let host: SocketAddress
    /// Changed under the lock of the route's clients only.
    let connections = PlaceCounter()
    let accepted = TokenBucket()
    let bandwidth = DirectionBuckets()

    init(host: SocketAddress) { self.host = host }

    func isForgettable(at now: Int) -> Bool {
        connections.count == 0 && accepted.isFull(at: now) && bandwidth.upstream.isFull(at: now)
            && bandwidth.downstream.isFull(at: now)
    }
}

/// Each direction has a bandwidth of its own.
final class DirectionBuckets: Sendable {
    let upstream = TokenBucket()
    let downstream = TokenBucket()
}
