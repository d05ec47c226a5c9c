/// What the present round-trip time of a sender is at most, where the smoothed one is an old one.
///
/// After an outage the smoothed time is seconds. It comes down by an eighth with each answer (RFC 6298, tcp_rtt_estimator), and a
/// flow that is held back for it gets few. Two other things are known at once.
struct RoundTripBound: Sendable {
    /// What an answer leaves of the smoothed time before.
    private static let kept = 7.0 / 8
    /// After so many the time before is forgotten: there is nothing left to be taken out.
    private static let mostAnswers = 64
    private static let most = Double(UInt32.max / 2)

    /// At the last sample, bytes and microseconds.
    private var inFlight = 0.0
    private var smoothed = 0.0

    /// - Parameters:
    ///   - arrived: bytes since the last sample.
    ///   - interval: microseconds since then.
    /// - Returns: microseconds; `.max` where nothing arrived.
    mutating func note(_ sample: LegSample, arrived: Double, interval: UInt64) -> UInt32 {
        let before = self
        inFlight = Double(sample.unacked) * Double(sample.segmentSize)
        smoothed = Double(sample.rtt)
        guard arrived > 0, sample.segmentSize > 0 else { return .max }
        let carried = byFlight(before, burst: sample.burstBytes, rate: arrived / Double(interval))
        let segments = min(arrived / Double(sample.segmentSize), Double(Self.mostAnswers))
        let answered = byAnswers(before, most: max(Int(segments.rounded(.up)), 1))
        return UInt32(min(carried, answered, Self.most))
    }

    /// What is in flight is the rate of delivery times the round-trip time (Little, 1961). Between two samples a burst more may
    /// have been.
    private func byFlight(_ before: Self, burst: Double, rate: Double) -> Double {
        inFlight > 0 ? (max(inFlight, before.inFlight) + burst) / rate : 0
    }

    /// The smoothed time without what it was before. There were as many answers as segments have arrived, at most: with fewer of them
    /// the present time would be shorter still.
    private func byAnswers(_ before: Self, most: Int) -> Double {
        guard smoothed < before.smoothed else { return .infinity }
        let left = (0..<most).reduce(1.0) { left, _ in left * Self.kept }
        return max((smoothed - left * before.smoothed) / (1 - left), 0)
    }
}
