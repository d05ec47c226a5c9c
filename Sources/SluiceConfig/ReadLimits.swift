import SluiceCore

/// The `limits` of a route, read.
struct ReadLimits {
    private let maxConnections: Int?
    private let maxConnectionsPerClient: Int?
    private let connectionRate: Int?
    private let connectionRatePerClient: Int?
    private let bandwidth: Int?
    private let bandwidthPerClient: Int?

    init(_ section: SectionReader?) {
        maxConnections = section?.count("connections")
        maxConnectionsPerClient = section?.count("per_client")
        connectionRate = section?.count("rate")
        connectionRatePerClient = section?.count("rate_per_client")
        bandwidth = section?.size("bandwidth")
        bandwidthPerClient = section?.size("bandwidth_per_client")
    }

    func apply(to route: inout RouteConfiguration) {
        route.maxConnections = maxConnections
        route.maxConnectionsPerClient = maxConnectionsPerClient
        route.connectionRate = connectionRate
        route.connectionRatePerClient = connectionRatePerClient
        route.bandwidth = bandwidth
        route.bandwidthPerClient = bandwidthPerClient
    }
}
