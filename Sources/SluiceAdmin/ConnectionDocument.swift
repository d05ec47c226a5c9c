import SluiceCore

/// A connection in the JSON of `/connections`. Its keys are an interface: scripts and dashboards read them.
///
/// A figure that was not measured yet is left out.
struct ConnectionDocument: Encodable {
    private let snapshot: ConnectionSnapshot
    private let hasDecisions: Bool

    init(_ snapshot: ConnectionSnapshot, withDecisions: Bool = false) {
        self.snapshot = snapshot
        hasDecisions = withDecisions
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, worker, route
        case flowClass = "class"
        case classSource = "class_source"
        case client, origin, state
        case ageSeconds = "age_seconds"
        case idleSeconds = "idle_seconds"
        case upstream, downstream
        case arm, decisions
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(snapshot.id, forKey: .id)
        try fields.encode(snapshot.worker, forKey: .worker)
        try fields.encode(snapshot.route, forKey: .route)
        try fields.encode(snapshot.flowClass.rawValue, forKey: .flowClass)
        try fields.encode(snapshot.classSource, forKey: .classSource)
        try fields.encode(snapshot.client, forKey: .client)
        try fields.encode(snapshot.origin, forKey: .origin)
        try fields.encode(snapshot.state, forKey: .state)
        try fields.encode(snapshot.ageSeconds, forKey: .ageSeconds)
        try fields.encode(snapshot.idleSeconds, forKey: .idleSeconds)
        try fields.encode(DirectionDocument(snapshot.upstream), forKey: .upstream)
        try fields.encode(DirectionDocument(snapshot.downstream), forKey: .downstream)
        try fields.encodeIfPresent(snapshot.arm?.rawValue, forKey: .arm)
        guard hasDecisions else { return }
        let decisions = snapshot.decisions.map { DecisionDocument($0, at: snapshot.takenAt) }
        try fields.encode(decisions, forKey: .decisions)
    }
}

/// One direction in the JSON of `/connections`.
private struct DirectionDocument: Encodable {
    private let snapshot: DirectionSnapshot

    init(_ snapshot: DirectionSnapshot) {
        self.snapshot = snapshot
    }

    /// Those by which `sluice explain` reads it.
    private typealias CodingKeys = DirectionReport.CodingKeys

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(snapshot.relayedBytes, forKey: .relayedBytes)
        try fields.encodeIfPresent(snapshot.roundTripSeconds, forKey: .roundTripSeconds)
        try fields.encodeIfPresent(snapshot.minimumRoundTripSeconds, forKey: .minimumRoundTripSeconds)
        try fields.encodeIfPresent(snapshot.throughput, forKey: .throughput)
        try fields.encodeIfPresent(snapshot.bandwidth, forKey: .bandwidth)
        try fields.encodeIfPresent(snapshot.bandwidthDelayProduct, forKey: .bandwidthDelayProduct)
        try fields.encode(snapshot.ringTargetBytes, forKey: .ringTargetBytes)
        try fields.encode(snapshot.heldBytes, forKey: .heldBytes)
        try fields.encodeIfPresent(snapshot.notSentLowat, forKey: .notSentLowat)
        try fields.encodeIfPresent(snapshot.pacingRate, forKey: .pacingRate)
        try fields.encodeIfPresent(snapshot.sendBuffer, forKey: .sendBuffer)
        try fields.encodeIfPresent(snapshot.sourceWindow, forKey: .sourceWindow)
        try fields.encodeIfPresent(snapshot.congestionControl, forKey: .congestionControl)
        try fields.encode(snapshot.unsentBytes, forKey: .unsentBytes)
        try fields.encode(snapshot.retransmittedBytes, forKey: .retransmittedBytes)
        try fields.encode(snapshot.reason.rawValue, forKey: .reason)
    }
}
