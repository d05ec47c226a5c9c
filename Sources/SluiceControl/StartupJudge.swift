/// Tells whether BBR's startup has come as far as the line.
///
/// The startup ends once the rate has not grown by a quarter in three round trips (bbr_check_full_bw_reached, net/ipv4/tcp_bbr.c). On a
/// path that loses packets it may not have grown because each round trip had a loss to repair; from then on the rate grows by a
/// quarter in eight round trips, and a line ten times as fast takes tens of seconds. A startup that has come to the line's
/// rate leaves a queue, since it notices three round trips late. Where none has been seen, it is worth another one.
struct StartupJudge: Sendable {
    /// A startup from a tenth of the line takes four, and three to end.
    private static let roundTrips: UInt64 = 10
    /// A line may have a policer in place of a queue, and then each of them costs losses.
    private static let most: UInt8 = 4

    private var restarts: UInt8 = 0
    /// How long the present one has had something to send, microseconds.
    private var age: UInt64 = 0
    private var hasSeenQueue = false

    /// - Parameters:
    ///   - hasQueue: whether one stands that drop-tail might lose packets of.
    ///   - isLimited: whether the flow had more to send.
    ///   - interval: since the last sample, microseconds, as `minimumRTT`.
    /// - Returns: whether it is to begin again.
    mutating func note(hasQueue: Bool, isLimited: Bool, interval: UInt64, minimumRTT: UInt32) -> Bool {
        hasSeenQueue = hasSeenQueue || hasQueue
        guard isLimited, !hasSeenQueue, restarts < Self.most else { return false }
        age += interval
        guard age >= Self.roundTrips * UInt64(minimumRTT) else { return false }
        age = 0
        restarts += 1
        return true
    }
}
