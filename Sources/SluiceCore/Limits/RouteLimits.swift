/// The limits of a route, as the data plane asks for them. `nil`: there is none.
struct RouteLimits: Sendable {
    /// Connections at one time.
    let connections: Int
    /// Connections of one client address at one time.
    let perClient: Int
    /// New connections.
    let connectionRate: TokenRate?
    let connectionRatePerClient: TokenRate?
    /// Bytes, in each direction.
    let bandwidth: TokenRate?
    let bandwidthPerClient: TokenRate?
    /// Whether any limit is one of a client.
    let countsClients: Bool
    let access: AccessRules?
    var areOnBandwidth: Bool { bandwidth != nil || bandwidthPerClient != nil }

    init(_ configuration: RouteConfiguration) {
        connections = configuration.maxConnections ?? .max
        perClient = configuration.maxConnectionsPerClient ?? .max
        connectionRate = configuration.connectionRate.map(TokenRate.connections)
        connectionRatePerClient = configuration.connectionRatePerClient.map(TokenRate.connections)
        bandwidth = configuration.bandwidth.map(TokenRate.bytes)
        bandwidthPerClient = configuration.bandwidthPerClient.map(TokenRate.bytes)
        countsClients =
            configuration.maxConnectionsPerClient != nil || connectionRatePerClient != nil
            || bandwidthPerClient != nil
        access = AccessRules(configuration.access)
    }
}
