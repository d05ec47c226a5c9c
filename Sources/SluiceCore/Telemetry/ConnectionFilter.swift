/// Which live connections somebody means. Every field that is set has to match.
public struct ConnectionFilter: Sendable, Equatable {
    public var id: UInt64?
    public var route: String?
    /// As it stands in the configuration. Who is still on its way to one is connected to none.
    public var origin: String?
    /// A client's host, whatever its port.
    private var client: SocketAddress?

    public init(id: UInt64? = nil) { self.id = id }

    /// Names a client by its IPv4 or IPv6 address. False, and nothing changed, when `host` is none.
    public mutating func setClient(host: String) -> Bool {
        guard let address = SocketAddress(literal: host, port: 0) else { return false }
        client = address.host
        return true
    }

    public func matches(_ connection: ConnectionSnapshot) -> Bool {
        guard id == nil || id == connection.id, route == nil || route == connection.route,
            origin == nil || origin == connection.chosenOrigin
        else { return false }
        guard let client else { return true }
        guard case .ip(let host, let port) = try? Address(parsing: connection.client) else { return false }
        return SocketAddress(literal: host, port: port)?.host == client
    }

    func matches(_ connection: Connection) -> Bool {
        (id == nil || id == connection.id) && (route == nil || route == connection.route.name)
            && (origin == nil || origin == connection.chosenOrigin?.name)
            && (client == nil || client == connection.clientAddress.host)
    }
}
