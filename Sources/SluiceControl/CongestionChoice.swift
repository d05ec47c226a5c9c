/// Which congestion control the sending socket of a bulk flow has.
///
/// The one that it was born with, as a rule. BBR where packets are lost without a queue (`LossJudge`). And where BBR goes by a rate
/// that is far below the line's, Reno until it may begin anew: after BBR that is in slow start, and every kernel has it and
/// lets everybody set it.
struct CongestionChoice: Sendable {
    private let isBornWithBBR: Bool
    private var losses = LossJudge()
    private var startup = StartupJudge()
    /// The path loses packets without a queue.
    private var usesBBR = false
    /// For one sample the flow has no BBR: taking it up again is what begins a startup.
    private(set) var beginsAnew = false
    /// The line's rate is looked for by doubling what may be sent. BBR looks for more than it knows of by a quarter in eight round trips.
    var isLineFaster = false

    init(isBornWithBBR: Bool) { self.isBornWithBBR = isBornWithBBR }

    /// `nil`: the one that the socket was born with.
    var control: CongestionControl? {
        if beginsAnew { return .reno }
        if usesBBR { return .bbr }
        return isBornWithBBR && isLineFaster ? .reno : nil
    }

    /// - Parameter isPaced: its queue has shown the line's rate.
    mutating func observe(
        _ evidence: Evidence,
        path: PathEstimate,
        isPaced: Bool,
        bottleneck: inout Bottleneck
    ) {
        let queue = path.queue ?? 0
        let minimumRTT = path.minimumRTT ?? 0
        if usesBBR || isBornWithBBR {
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
