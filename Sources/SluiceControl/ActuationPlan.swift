/// What a diagnosis asks of each actuator, before rounding and hysteresis.
///
/// The class's budget is for all that waits in the proxy: the ring gets a quarter of it at most, and the
/// kernel's unsent data what the ring leaves.
struct ActuationPlan: Sendable, Equatable {
    /// Bytes that the ring should hold.
    var ring: Double
    /// The sink is the limit: full reads may not grow the ring past that.
    var isRingBounded: Bool
    /// Bytes that may wait unsent in the kernel. `nil`: leave what is set.
    var unsent: Double?
    var mayUnsentShrink: Bool = false

    /// A relay has to answer within this time for the plan to hold: the turns of the loop's other
    /// connections.
    private static let loopTurn = 0.005
    private static let receiverBudget = 0.020

    /// The sink is a Unix socket: its reader is on this machine, and only the rate is known.
    static func unmeasured(rate: Double, isSourceAhead: Bool) -> ActuationPlan {
        guard isSourceAhead else { return ActuationPlan(ring: rate * 0.001, isRingBounded: false) }
        return ActuationPlan(
            ring: max(rate * receiverBudget, Double(RingSizer.leastUnmeasuredBound)),
            isRingBounded: true
        )
    }

    /// - Parameters:
    ///   - rate: bytes per second that the relay wrote lately.
    ///   - budget: seconds that data may wait in the proxy; `nil` for a policy that has none.
    ///   - congestionWindow: bytes.
    ///   - isDecreaseSafe: the bandwidth has been found, and something waits in the kernel: otherwise a lower
    ///     limit would be a guess, or win nothing.
    init(
        _ reason: Reason,
        path: PathEstimate,
        rate: Double,
        budget: Double?,
        congestionWindow: Double,
        isDecreaseSafe: Bool
    ) {
        let isSourceTheLimit = reason == .appLimited
        let roundTrip = min(max(Double(path.minimumRTT ?? 0) / 1e6, 0.001), 0.020)
        // A sink that is the limit takes what its path can take. What the relay wrote swings around that: it
        // writes when the socket wakes it, half a limit at a time.
        let sinkRate = isSourceTheLimit ? rate : path.bandwidth ?? rate
        ring = sinkRate * roundTrip
        isRingBounded = !isSourceTheLimit
        guard let bandwidth = path.bandwidth, let budget else { return }

        if reason == .receiverLimited {
            // The reader is slow: what it will not take soon is better kept at the source.
            let allowed = bandwidth * min(budget, Self.receiverBudget)
            ring = allowed / 4
            unsent = allowed - ring
            mayUnsentShrink = isDecreaseSafe
            return
        }
        let allowed = bandwidth * budget
        if !isSourceTheLimit { ring = min(ring, allowed / 4) }
        unsent = max(allowed - ring, Self.slowStartDemand(path, congestionWindow: congestionWindow))
        // While the source is the limit the bandwidth is only a lower bound, and nothing waits: shrinking
        // would win nothing, and would hold the next burst back. While the bandwidth still grows it is out of
        // date.
        mayUnsentShrink = isDecreaseSafe && !isSourceTheLimit
    }

    private init(ring: Double, isRingBounded: Bool) {
        self.ring = ring
        self.isRingBounded = isRingBounded
    }

    /// What the congestion window may send before the relay can answer, twice: in slow start it doubles each
    /// round trip, ahead of any bandwidth that was measured.
    private static func slowStartDemand(_ path: PathEstimate, congestionWindow: Double) -> Double {
        guard let rtt = path.smoothedRTT else { return 0 }
        return 2 * congestionWindow * min(1, loopTurn / max(Double(rtt) / 1e6, 1e-6))
    }
}
