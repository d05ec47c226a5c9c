import SluiceCore

/// An origin in the JSON of `/origins`. Its keys are an interface: scripts and dashboards read them.
///
/// A figure that was not measured yet is left out, and so is the number of warm connections where there is no warm pool.
struct OriginDocument: Encodable {
    private let snapshot: OriginSnapshot

    init(_ snapshot: OriginSnapshot) {
        self.snapshot = snapshot
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case route, origin, state, connections, connects
        case connectFailures = "connect_failures"
        case ejections
        case checksPassed = "checks_passed"
        case checksFailed = "checks_failed"
        case roundTripSeconds = "round_trip_seconds"
        case warmConnections = "warm_connections"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(snapshot.route, forKey: .route)
        try fields.encode(snapshot.origin, forKey: .origin)
        try fields.encode(snapshot.state.rawValue, forKey: .state)
        try fields.encode(snapshot.connections, forKey: .connections)
        try fields.encode(snapshot.connects, forKey: .connects)
        try fields.encode(snapshot.connectFailures, forKey: .connectFailures)
        try fields.encode(snapshot.ejections, forKey: .ejections)
        try fields.encode(snapshot.checksPassed, forKey: .checksPassed)
        try fields.encode(snapshot.checksFailed, forKey: .checksFailed)
        try fields.encodeIfPresent(snapshot.roundTripSeconds, forKey: .roundTripSeconds)
        try fields.encodeIfPresent(snapshot.warm?.ready, forKey: .warmConnections)
    }
}
