/// Tells when BBR is to begin anew, because it goes by a rate that is far from the line's.
///
/// Its startup ends once the rate has not grown by a quarter in three round trips (bbr_check_full_bw_reached, net/ipv4/tcp_bbr.c). On a
/// path that loses packets it may not have grown because each round trip had a loss to repair. And what it knew of the line it
/// forgets while the receiver is the limit: its rate is the highest of ten round trips. From there on the rate grows by a
/// quarter in eight round trips, or slower, and a line ten times as fast takes seconds.
///
/// A startup that has come to the line's rate leaves a queue, since it notices three round trips late. Where none has been seen
/// after losses, it is worth another one; where a receiver has held the flow for long, too.
struct StartupJudge: Sendable {
    /// A startup from a tenth of the line takes four, and three to end; what is known is forgotten after ten.
    private static let roundTrips: UInt64 = 10
    /// A reader that stops for a moment now and then is no slow one, microseconds.
    private static let leastHeld: UInt64 = 1_000_000
    /// A line may have a policer in place of a queue, and then each further startup costs losses.
    private static let most: UInt8 = 4

    /// How long the present startup's flow has had something to send, microseconds.
    private var age: UInt64 = 0
    /// How long the receiver has been the limit, microseconds.
    private var held: UInt64 = 0
    /// Of startups that had ended early.
    private var repeats: UInt8 = 0
    private var hasLost = false
    private var hasSeenQueue = false

    /// - Parameters:
    ///   - hasQueue: whether one stands that drop-tail might lose packets of.
    ///   - minimumRTT: microseconds.
    /// - Returns: whether it is to begin again.
    mutating func note(_ evidence: Evidence, hasQueue: Bool, minimumRTT: UInt32) -> Bool {
        hasSeenQueue = hasSeenQueue || hasQueue
        hasLost = hasLost || (evidence.retransmitted ?? 0) > 0
        guard minimumRTT >= LossJudge.leastRoundTrip else { return false }
        guard !evidence.isReceiverLimited else {
            held += evidence.interval
            return false
        }
        guard evidence.hasUnsent == true else { return false }
        age += evidence.interval
        defer { held = 0 }
        let enough = Self.roundTrips * UInt64(minimumRTT)
        if held >= max(enough, Self.leastHeld) {
            begin()
            return true
        }
        guard age >= enough, hasLost, !hasSeenQueue, repeats < Self.most else { return false }
        begin()
        repeats += 1
        return true
    }

    private mutating func begin() {
        age = 0
        hasLost = false
        hasSeenQueue = false
    }
}
