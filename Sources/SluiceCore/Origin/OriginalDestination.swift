import Glibc

/// Finds out where a steered connection wanted to go, and whether it may.
struct OriginalDestination: Sendable {
    private let configuration: OriginalDestinationConfiguration
    /// The route's own listeners.
    private let listeners: [SocketAddress]

    init(_ configuration: OriginalDestinationConfiguration, listen: [ListenAddress]) {
        self.configuration = configuration
        listeners = listen.compactMap { listen in
            guard case .ip(let host, let port) = listen.address else { return nil }
            return SocketAddress(literal: host, port: port)?.unmapped
        }
    }

    /// The destination of an accepted connection: a Unix socket's path where there is none.
    func find(_ descriptor: Int32, peer: SocketAddress) -> SocketAddress {
        let local = SocketAddress.local(of: descriptor) ?? .unix("")
        switch configuration.via {
        case .tproxy: return local.unmapped
        case .redirect:
            return (TransparentSocket.redirectedFrom(descriptor, peer: peer) ?? local).unmapped
        }
    }

    /// Whether the connection may go there. Not to this listener: a client that connects to it directly was not steered, and
    /// would be relayed to the same listener for ever.
    func allows(_ destination: SocketAddress, of descriptor: Int32) -> Bool {
        guard destination.isTCP, !isItself(destination, descriptor) else { return false }
        return configuration.allow.contains { $0.allows(destination) }
    }

    private func isItself(_ destination: SocketAddress, _ descriptor: Int32) -> Bool {
        switch configuration.via {
        case .redirect: SocketAddress.local(of: descriptor)?.unmapped == destination
        // The socket's own address is the destination, whoever was meant: only the port tells a listener on every interface.
        case .tproxy:
            listeners.contains { $0.port == destination.port && ($0.isAny || $0.host == destination.host) }
        }
    }
}
