/// Notices a sender that does not send what it may, for reasons of its own: what arrives then says nothing of the line.
///
/// Every 10 s BBR, as Linux has it, sends four segments a round trip for a while, to see the path's own round-trip time
/// (bbr_update_min_rtt, net/ipv4/tcp_bbr.c); after a timeout every sender begins with one. So little arrives then, while the smoothed
/// round-trip time hardly moves, that it would pass for a line that has become slow. The congestion window tells: less than half of
/// what the allowed rate has in flight, and not so before. What leaves afterwards shows a round trip later, in the sample after.
///
/// A value: times are monotonic microseconds.
struct SenderPause: Sendable {
    /// A flow pauses for half a second; a line that has become slow stays so.
    private static let longest: UInt64 = 1_000_000
    private static let longestInterval: UInt64 = 200_000

    /// Since it is paced its congestion window has been large enough for that.
    private var hasReachedRate = false
    /// 0: it does not pause.
    private var start: UInt64 = 0
    private var end: UInt64 = 0

    func isOn(at time: UInt64) -> Bool { time < end }

    /// - Parameters:
    ///   - pacingRate: what the flow may send, bytes per second; `nil`: it is left to the kernel.
    ///   - interval: since the last sample.
    mutating func note(_ sample: LegSample, pacingRate: UInt64?, interval: UInt64, at time: UInt64) {
        guard let pacingRate else {
            hasReachedRate = false
            start = 0
            return
        }
        let needed = Double(pacingRate) * Double(sample.minimumRTT) / 1e6
        guard sample.congestionWindowBytes < needed / 2 else {
            hasReachedRate = true
            start = 0
            return
        }
        guard hasReachedRate else { return }
        if start == 0 { start = time }
        guard time.since(start) < Self.longest else { return }
        end = time + UInt64(sample.rtt) + 2 * min(interval, Self.longestInterval)
    }
}
