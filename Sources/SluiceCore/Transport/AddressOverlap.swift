// What can be said of addresses before anything is bound: whether they meet.

import Glibc

extension Address {
    /// The same for all listeners that would take each other's clients, as `SO_REUSEPORT` lets them.
    ///
    /// One address beside every address is well defined: the kernel prefers the listener on the one. But `[::]` takes IPv4, too, and
    /// with `0.0.0.0` beside it each would serve the clients of one family.
    package var listeningPlace: Address {
        guard case .ip(let host, let port) = self, SocketAddress(literal: host, port: port)?.isAny == true
        else { return canonical }
        return .ip("::", port: port)
    }

    /// Whether who connects to this address on this host reaches a listener on `listener`. Of this host's own addresses only
    /// those of the loopback interface are known beforehand, and of its names only `localhost`.
    package func leads(to listener: Address) -> Bool {
        if canonical == listener.canonical { return true }
        guard let port, port == listener.port else { return false }
        return loopbackTargets.contains { listener.takes($0) }
    }

    private static let loopback = (
        ipv4: SocketAddress.ipv4(UInt32(INADDR_LOOPBACK).bigEndian, port: 0),
        ipv6: SocketAddress.ipv6(0, UInt64(1).bigEndian, port: 0, scope: 0)
    )

    /// The hosts of the loopback interface that a connect to this address may come to.
    private var loopbackTargets: [SocketAddress] {
        switch self {
        case .unix: return []
        case .name: return isLocal ? [Self.loopback.ipv4, Self.loopback.ipv6] : []
        case .ip(let host, let port):
            guard let literal = SocketAddress(literal: host, port: port) else { return [] }
            // To connect to every interface is to connect to the loopback interface.
            if literal.isAny { return [literal.family == AF_INET ? Self.loopback.ipv4 : Self.loopback.ipv6] }
            return literal.isLoopback ? [literal.host] : []
        }
    }

    /// Whether a listener on this address may take clients that come to `host`, one of the loopback interface.
    private func takes(_ host: SocketAddress) -> Bool {
        switch self {
        case .unix: return false
        case .name: return isLocal && (host == Self.loopback.ipv4 || host == Self.loopback.ipv6)
        case .ip(let text, let port):
            guard let literal = SocketAddress(literal: text, port: port) else { return false }
            guard literal.isAny else { return literal.host == host }
            return literal.family == AF_INET6 || host.family == AF_INET
        }
    }
}
