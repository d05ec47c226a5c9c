/// What a name stands for: hosts with their addresses, in groups of a priority. A name with A and AAAA records is one host;
/// an SRV name (RFC 2782) has as many as it has records. Pure.
struct ResolvedTargets: Equatable {
    struct Host: Equatable {
        /// Of an SRV record, what it points at; empty otherwise.
        var name = ""
        var port: UInt16 = 0
        /// Lower ones come first.
        var priority: UInt16 = 0
        var weight: UInt16 = 0
        /// In the resolver's order.
        var addresses: [SocketAddress]
    }

    var hosts: [Host]

    var isEmpty: Bool { hosts.allSatisfy(\.addresses.isEmpty) }

    var addresses: Set<SocketAddress> { Set(hosts.flatMap(\.addresses)) }

    /// The addresses in the order to try them, for the `turn`th connection.
    ///
    /// Hosts of one priority are ordered at random by weight, as RFC 2782 has it; the addresses of a host take turns, within
    /// their family, so that a name with several shares the connections out.
    func order(turn: Int, using random: inout some RandomNumberGenerator) -> [SocketAddress] {
        guard hosts.count > 1 else { return hosts.first.map { Self.rotated($0.addresses, by: turn) } ?? [] }
        let priorities = Set(hosts.map(\.priority)).sorted()
        return priorities.flatMap { priority in
            Self.shuffled(hosts.filter { $0.priority == priority }, using: &random)
        }.flatMap { Self.rotated($0.addresses, by: turn) }
    }

    /// RFC 2782: one after the other is drawn, each with its weight's chance. A weight of 0 has a very small one.
    private static func shuffled(_ hosts: [Host], using random: inout some RandomNumberGenerator) -> [Host] {
        var (left, order) = (hosts, [Host]())
        while !left.isEmpty {
            let total = left.reduce(0) { $0 + Int($1.weight) }
            var draw = Int.random(in: 0...total, using: &random)
            // Those without weight first, so that only a draw of 0 chooses them.
            left.sort { $0.weight == 0 && $1.weight != 0 }
            let chosen = left.firstIndex { host in
                draw -= Int(host.weight)
                return draw <= 0
            }
            order.append(left.remove(at: chosen ?? left.endIndex - 1))
        }
        return order
    }

    /// Each row of one family by itself: which family goes first is the resolver's choice (RFC 6724).
    private static func rotated(_ addresses: [SocketAddress], by turn: Int) -> [SocketAddress] {
        guard addresses.count > 1 else { return addresses }
        var result: [SocketAddress] = []
        var start = 0
        while start < addresses.count {
            let family = addresses[start].family
            let end = addresses[start...].firstIndex { $0.family != family } ?? addresses.count
            for offset in 0..<end - start {
                result.append(addresses[start + (turn + offset) % (end - start)])
            }
            start = end
        }
        return result
    }
}
