import SluiceControl
import SluiceCore

/// A decision in the JSON of `/connections/ID`, and what `sluice explain` reads of it. Its keys are an interface.
///
/// A figure that was not measured, and a setting that is the kernel's, is left out.
struct DecisionDocument: Codable, Sendable, Equatable {
    /// Before the answer.
    var secondsAgo: Double
    /// How often it was made anew, with other numbers, and when first.
    var count: Int
    var firstSecondsAgo: Double
    /// `upstream`, `downstream`.
    var direction: String
    var reason: String
    /// Names of actuators.
    var changed: [String]

    // What was decided on.
    var ringBytes: Int
    var notSentLowat: Int?
    var pacingRate: UInt64?
    var sendBuffer: Int?
    var sourceWindow: Int?
    var congestionControl: String?

    // What it rests on.
    var roundTripSeconds: Double?
    var minimumRoundTripSeconds: Double?
    var queueSeconds: Double?
    var bandwidth: Double?
    var busyShare: Double?
    var receiverLimitedShare: Double?
    var sendBufferLimitedShare: Double?
    /// Bytes sent again, of those that were acknowledged since the sample before.
    var lossShare: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case secondsAgo = "seconds_ago"
        case count
        case firstSecondsAgo = "first_seconds_ago"
        case direction, reason, changed
        case ringBytes = "ring_bytes"
        case notSentLowat = "notsent_lowat_bytes"
        case pacingRate = "pacing_rate_bytes_per_second"
        case sendBuffer = "send_buffer_bytes"
        case sourceWindow = "source_window_bytes"
        case congestionControl = "congestion_control"
        case roundTripSeconds = "round_trip_seconds"
        case minimumRoundTripSeconds = "minimum_round_trip_seconds"
        case queueSeconds = "queue_seconds"
        case bandwidth = "bandwidth_bytes_per_second"
        case busyShare = "busy_share"
        case receiverLimitedShare = "receiver_limited_share"
        case sendBufferLimitedShare = "send_buffer_limited_share"
        case lossShare = "loss_share"
    }

    init(_ record: DecisionRecord, at now: UInt64) {
        secondsAgo = Double(now &- record.time) / 1e6
        count = record.count
        firstSecondsAgo = Double(now &- record.since) / 1e6
        direction = record.direction.rawValue
        reason = record.decision.reason.rawValue
        changed = Actuator.allCases.filter { record.changed.contains(ActuatorSet($0)) }.map(\.rawValue)
        ringBytes = record.decision.ringBytes
        notSentLowat = record.decision.notSentLowat
        pacingRate = record.decision.pacingRate
        sendBuffer = record.decision.sendBuffer
        sourceWindow = record.decision.sourceWindow
        congestionControl = record.decision.congestionControl?.name
        roundTripSeconds = record.path.smoothedRTT.map { Double($0) / 1e6 }
        minimumRoundTripSeconds = record.path.minimumRTT.map { Double($0) / 1e6 }
        queueSeconds = record.path.queue.map { Double($0) / 1e6 }
        bandwidth = record.path.bandwidth
        busyShare = record.evidence?.busyShare.map { Double($0) }
        receiverLimitedShare = record.evidence?.receiverLimitedShare.map { Double($0) }
        sendBufferLimitedShare = record.evidence?.sendBufferLimitedShare.map { Double($0) }
        if let lost = record.evidence?.retransmitted, let acknowledged = record.evidence?.acknowledged,
            acknowledged > 0
        {
            lossShare = Double(lost) / Double(acknowledged)
        }
    }
}
