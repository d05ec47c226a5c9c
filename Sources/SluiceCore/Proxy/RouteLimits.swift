/// The ceilings of a route, as the data plane asks for them.
struct RouteLimits: Sendable {
    /// Connections at one time.
    let connections: Int
    /// Connections of one client address at one time. `nil`: clients are not counted.
    let perClient: Int?

    init(_ configuration: RouteConfiguration) {
        connections = configuration.maxConnections ?? .max
        perClient = configuration.maxConnectionsPerClient
    }
}
