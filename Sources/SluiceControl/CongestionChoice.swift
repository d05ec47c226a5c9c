/// Which congestion control the sending socket of a bulk flow has.
///
/// The one that it was born with, as a rule. BBR where packets are lost without a queue (`LossJudge`). And where BBR goes by a rate
/// that is far below the line's, Reno until it may begin anew: that keeps the congestion window and opens it further, and every kernel has
/// it and lets everybody set it. It doubles up to the bandwidth-delay product that BBR's startup left as the threshold (bbr_check_drain,
/// net/ipv4/tcp_bbr.c); from there on it adds a segment a round trip.
///
/// BBR that begins anew takes the kernel's least round trip for the path's (bbr_init, net/ipv4/tcp_bbr.c), which is that of the last 300 s
/// (net.ipv4.tcp_min_rtt_wlen), and looks for a present one 10 s later. Where the path has become much longer, that costs those 10 s, so
/// there BBR is not left.
struct CongestionChoice: Sendable {
    /// BBR sends two bandwidth-delay products ahead (bbr_cwnd_gain, net/ipv4/tcp_bbr.c), which fill a path so many times as long as it thinks.
    private static let longestRoundTrip: UInt32 = 2

    private let isBornWithBBR: Bool
    private var losses = LossJudge()
    private var startup = StartupJudge()
    /// The path loses packets without a queue.
    private var usesBBR = false
    /// For one sample the flow has no BBR: taking it up again is what begins a startup.
    private(set) var beginsAnew = false
    /// The line's rate is looked for by doubling what may be sent. BBR looks for more than it knows of by a quarter in eight round trips.
    var isLineFaster = false
    /// BBR would begin anew with the path's round trip.
    private var isRoundTripKnown = true

    init(isBornWithBBR: Bool) { self.isBornWithBBR = isBornWithBBR }

    /// `nil`: the one that the socket was born with.
    var control: CongestionControl? {
        if beginsAnew { return .reno }
        if usesBBR { return .bbr }
        return isBornWithBBR && isLineFaster && isRoundTripKnown ? .reno : nil
    }

    /// - Parameter isPaced: its queue has shown the line's rate.
    mutating func observe(
        _ sample: LegSample,
        evidence: Evidence,
        path: PathEstimate,
        isPaced: Bool,
        bottleneck: inout Bottleneck
    ) {
        let queue = path.queue ?? 0
        let minimumRTT = path.minimumRTT ?? 0
        isRoundTripKnown = sample.minimumRTT == 0 || sample.rtt / Self.longestRoundTrip <= sample.minimumRTT
        beginsAnew = false
        if (usesBBR || isBornWithBBR) && isRoundTripKnown {
            beginsAnew = startup.note(
                evidence,
                hasQueue: isPaced || LossJudge.isQueue(Float(queue), minimumRTT: minimumRTT),
                minimumRTT: minimumRTT
            )
        }
        guard !usesBBR else { return }
        let hasCase = losses.note(
            lost: (evidence.retransmitted ?? 0) > 0,
            isLimited: evidence.hasUnsent == true && !evidence.isReceiverLimited,
            queue: queue,
            minimumRTT: minimumRTT
        )
        if hasCase { bottleneck.noteLossy() }
        usesBBR = bottleneck.isLossy
    }
}
