import SluiceCore

/// What `sluice explain` reads of the JSON of `/connections/ID`.
public struct ConnectionReport: Decodable, Sendable {
    public let id: UInt64
    let route: String
    let flowClass: String
    let classSource: String
    public let client: String
    let origin: String
    let state: String
    let ageSeconds: Double
    let idleSeconds: Double
    let upstream: DirectionReport
    let downstream: DirectionReport
    let arm: String?
    let decisions: [DecisionDocument]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, route
        case flowClass = "class"
        case classSource = "class_source"
        case client, origin, state
        case ageSeconds = "age_seconds"
        case idleSeconds = "idle_seconds"
        case upstream, downstream, arm, decisions
    }
}

extension ConnectionReport {
    /// - Parameter client: `host:port`, or a host, without brackets.
    func isOf(_ client: String) -> Bool {
        if self.client == client { return true }
        guard case .ip(let host, _)? = try? Address(parsing: self.client) else { return false }
        return host == client
    }
}

/// One direction of it.
struct DirectionReport: Decodable, Sendable {
    let relayedBytes: UInt64
    let roundTripSeconds: Double?
    let minimumRoundTripSeconds: Double?
    let throughput: Double?
    let bandwidth: Double?
    let bandwidthDelayProduct: Int?
    let ringTargetBytes: Int
    let heldBytes: Int
    let notSentLowat: Int?
    let pacingRate: Int?
    let sendBuffer: Int?
    let sourceWindow: Int?
    let congestionControl: String?
    let unsentBytes: Int
    let retransmittedBytes: UInt64
    let reason: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case relayedBytes = "relayed_bytes"
        case roundTripSeconds = "round_trip_seconds"
        case minimumRoundTripSeconds = "minimum_round_trip_seconds"
        case throughput = "throughput_bytes_per_second"
        case bandwidth = "bandwidth_bytes_per_second"
        case bandwidthDelayProduct = "bandwidth_delay_product_bytes"
        case ringTargetBytes = "ring_target_bytes"
        case heldBytes = "held_bytes"
        case notSentLowat = "notsent_lowat_bytes"
        case pacingRate = "pacing_rate_bytes_per_second"
        case sendBuffer = "send_buffer_bytes"
        case sourceWindow = "source_window_bytes"
        case congestionControl = "congestion_control"
        case unsentBytes = "unsent_bytes"
        case retransmittedBytes = "retransmitted_bytes"
        case reason
    }
}
