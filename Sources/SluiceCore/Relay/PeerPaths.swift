import SluiceControl

/// The bottlenecks that the flows of this process share, by peer: flows to one host, or from it, take one path.
///
/// Shared by all workers. A connection joins when it has lived for a sample or two, and leaves at its end; an entry goes with
/// its last connection, so there are never more of them than connections.
///
/// Locks: the table's, for joining and leaving, and one for each direction of each path. No thread holds two at once.
final class PeerPaths: Sendable {
    private struct Entry {
        let path: PeerPath
        var connections: Int
    }

    private let entries = Locked<[SocketAddress: Entry]>([:])

    /// Peers that some connection has joined.
    var count: Int { entries.withLock { $0.count } }

    /// The path to a peer, for one more connection; `leave` gives it back. `nil` for a peer on this host: there is none.
    func join(_ peer: SocketAddress) -> PeerPath? {
        guard peer.isTCP, !peer.isLoopback else { return nil }
        let prefix = peer.pathPrefix
        return entries.withLock { entries in
            if let known = entries[prefix] {
                entries[prefix]!.connections += 1
                return known.path
            }
            let path = PeerPath(prefix)
            entries[prefix] = Entry(path: path, connections: 1)
            return path
        }
    }

    func leave(_ path: PeerPath) {
        entries.withLock { entries in
            guard let entry = entries[path.prefix] else { return }
            if entry.connections > 1 {
                entries[path.prefix]!.connections -= 1
            } else {
                entries[path.prefix] = nil
            }
        }
    }
}

/// The path between this host and one peer, both ways.
final class PeerPath: Sendable {
    let prefix: SocketAddress
    /// What limits the flows that Sluice sends there.
    let towards = Locked(Bottleneck())
    /// What limits the flows that Sluice receives from there.
    let from = Locked(Bottleneck())

    init(_ prefix: SocketAddress) { self.prefix = prefix }
}

extension SocketAddress {
    /// What hosts behind one access line have in common: the address of IPv4, often a router's, and the /64 of IPv6, which is
    /// one network's (RFC 4291).
    var pathPrefix: SocketAddress {
        switch host {
        case .ipv6(let high, _, _, let scope): .ipv6(high, 0, port: 0, scope: scope)
        case let other: other
        }
    }
}
