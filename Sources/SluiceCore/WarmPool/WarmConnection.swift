import Glibc

/// A connection to an origin that nobody uses yet. What the origin has said already stays in the kernel until somebody does.
///
/// Whoever holds it owns the descriptor, and the place on the origin that it takes.
struct WarmConnection: Equatable {
    let descriptor: Int32
    let address: SocketAddress
    /// Loop time at which it was connected.
    let openedAt: UInt64

    /// Those that the peer has ended or reset, by their positions. One call for all of them; nothing is read.
    static func ended(among connections: [WarmConnection]) -> [Int] {
        guard !connections.isEmpty else { return [] }
        return withUnsafeTemporaryAllocation(of: pollfd.self, capacity: connections.count) { queries in
            for (index, connection) in connections.enumerated() {
                let asked = PendingEvents.peerEnded.rawValue
                queries[index] = pollfd(fd: connection.descriptor, events: asked, revents: 0)
            }
            guard poll(queries.baseAddress, nfds_t(queries.count), 0) > 0 else { return [] }
            return queries.indices.filter { queries[$0].revents != 0 }
        }
    }

    /// The same for one.
    var hasEnded: Bool { !PendingEvents(of: descriptor, asking: .peerEnded).isEmpty }
}

/// Why a warm connection was closed without having been used: the `reason` label of `sluice_warm_connections_discarded_total`.
public enum WarmDiscard: String, Sendable, CaseIterable {
    /// As old as it may get, or nobody came for that long.
    case aged
    /// The origin ended or reset it.
    case originClosed = "origin_closed"
    /// Something that it takes was needed elsewhere: a descriptor, a place on the origin, memory.
    case gaveWay = "gave_way"
    /// Its origin is drained, ejected, unhealthy, or configured no more; its name has lost the address; or the process ends.
    case withdrawn
}
