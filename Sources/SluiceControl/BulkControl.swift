/// What a direction needs once its source has filled a read: the actuators of a bulk flow, and its places in the
/// bottlenecks that it shares. A connection of small messages never has one, which keeps an idle connection small.
struct BulkControl: Sendable {
    /// Four segments a round trip are no flow that a window could steer.
    private static let leastInFlight = 8.0 * 1448
    /// What may wait in the source's window at most, seconds: behind it there is the source's own buffer, which grows with it.
    private static let windowBudget = 0.010
    /// On a shorter path no call is saved by waiting for less than the kernel does, microseconds.
    private static let leastRefilledRoundTrip: UInt32 = 50_000
    /// A path that has lost something loses more, microseconds.
    private static let gapMemory: UInt64 = 2_000_000

    /// Bytes, and bytes per second: more is no reading of a counter that works.
    private static let most = 1e12

    private let allowed: ActuatorSet
    /// Of kernel memory for this direction, bytes.
    private let memoryCeiling: Int
    private(set) var sendBuffer = SendBufferSizer()
    /// Whether it is the limit of a long path, and as large as it may be.
    private(set) var isSendBufferBound = false
    private(set) var window = SourceWindow()
    /// `nil`: the operator has forbidden it.
    private var congestion: CongestionChoice?
    /// Bytes per second; `nil`: unlimited.
    private(set) var pacingRate: UInt64?
    /// Negative: none.
    private var sinkPlace: Int32 = -1
    private var sourcePlace: Int32 = -1
    private var knownYields: UInt32 = 0
    private var pause = SenderPause()
    private var roundTripBound = RoundTripBound()
    private var receivedBytes: UInt64 = 0
    private var receivedAt: UInt64 = 0
    /// What the source's peer had acknowledged at the last sample.
    private var acknowledgedBytes: UInt64 = 0
    /// Of the path from the source, seconds; 0: unknown.
    private var sourceRoundTrip: Double
    /// How the source's window opens.
    private var opening: SourceWindow.Pace
    private var isSourceHeld = false
    /// On the way from the source, bytes, smoothed over a round trip.
    private var inFlight = 0.0
    /// Of the source's segments, those that came after a gap.
    private var outOfOrder: UInt32 = 0
    private var gapTime: UInt64 = 0
    /// The window was set by a read or a write, and nobody has been told.
    private var isWindowNew = false
    private var told = Told()

    /// - Parameters:
    ///   - sourceRoundTrip: microseconds, as `sinkRoundTrip`; 0: unknown.
    init(
        allowed: ActuatorSet,
        memoryCeiling: Int,
        firstWindow: FirstWindow,
        isBornWithBBR: Bool,
        sourceRoundTrip: UInt32,
        sinkRoundTrip: UInt32
    ) {
        self.allowed = allowed
        congestion = allowed.contains(.congestionControl) ? .init(isBornWithBBR: isBornWithBBR) : nil
        self.sourceRoundTrip = Double(sourceRoundTrip) / 1e6
        opening = .init(sourceRoundTrip: sourceRoundTrip / 1000, sinkRoundTrip: sinkRoundTrip / 1000)
        self.memoryCeiling = memoryCeiling
        if allowed.contains(.sourceWindow) {
            window.begin(at: firstWindow.bytes)
            isWindowNew = true
        }
    }

    /// - Parameter time: milliseconds.
    /// - Returns: the new window, `.max` for the kernel's own, if there is one.
    mutating func noteWritten(bytes: Int, all: Bool, at time: UInt64) -> Int? {
        guard allowed.contains(.sourceWindow) else { return nil }
        let hasGrown =
            isSourceHeld
            ? false
            : window.noteWritten(
                bytes: bytes,
                all: all,
                pace: opening,
                at: UInt32(truncatingIfNeeded: time)
            )
        guard hasGrown || isWindowNew else { return nil }
        isWindowNew = false
        told.window = window.bytes ?? 0
        return window.bytes ?? .max
    }

    // MARK: The sending side

    /// - Returns: the reason, where this side has a better one.
    mutating func observeSink(
        _ sample: LegSample,
        evidence: Evidence,
        reason: Reason,
        path: PathEstimate,
        bottleneck: inout Bottleneck,
        at time: UInt64
    ) -> Reason {
        opening.sinkRoundTrip = (path.minimumRTT ?? 0) / 1000
        let isBacklogged = evidence.hasUnsent == true
        opening.sinkRate = isBacklogged ? path.bandwidth ?? .infinity : .infinity
        congestion?.observe(
            sample,
            evidence: evidence,
            path: path,
            isPaced: pacingRate != nil,
            bottleneck: &bottleneck
        )
        let better = pace(sample, evidence: evidence, bottleneck: &bottleneck, at: time)
        return congestion?.beginsAnew == true ? .outdatedRate : better ?? reason
    }

    /// - Parameters:
    ///   - isLimited: the kernel's send buffer was the limit.
    ///   - mayPrepare: it may grow before it is, too: not on this host, and not behind a queue.
    /// - Returns: whether it is to grow.
    mutating func sizeSendBuffer(_ sample: LegSample, isLimited: Bool, mayPrepare: Bool) -> Bool {
        let before = sendBuffer.bytes
        defer { isSendBufferBound = isLimited && sendBuffer.bytes == before && isWorthRefilling(sample) }
        guard allowed.contains(.sendBuffer) else { return false }
        if isLimited {
            sendBuffer.noteLimited(congestionWindow: sample.congestionWindowBytes, ceiling: memoryCeiling)
        } else if mayPrepare {
            sendBuffer.prepare(congestionWindow: sample.congestionWindowBytes, ceiling: memoryCeiling)
        }
        return sendBuffer.bytes != before
    }

    /// Not where much of the buffer waits unsent: then something else is the limit by now, and the kernel goes on calling it the
    /// buffer as long as that is filled up.
    private func isWorthRefilling(_ sample: LegSample) -> Bool {
        let inFlight = UInt64(sample.unacked) * UInt64(sample.segmentSize)
        return sample.rtt >= Self.leastRefilledRoundTrip && UInt64(sample.notSent) < inFlight / 2
    }

    private mutating func pace(
        _ sample: LegSample,
        evidence: Evidence,
        bottleneck: inout Bottleneck,
        at time: UInt64
    ) -> Reason? {
        guard allowed.contains(.pacing), let arrived = evidence.delivered else { return nil }
        if sinkPlace < 0 { sinkPlace = bottleneck.join(roundTrip: sample.minimumRTT, at: time) }
        pause.note(sample, pacingRate: pacingRate, interval: evidence.interval, at: time)
        let report = Bottleneck.Report(
            bytes: arrived,
            interval: Double(evidence.interval) / 1e6,
            sampled: Double(sample.deliveryRate),
            roundTrip: sample.rtt,
            mostRoundTrip: roundTripBound.note(sample, arrived: arrived, interval: evidence.interval),
            burst: sample.burstBytes,
            isBacklogged: evidence.hasUnsent == true && !evidence.isReceiverLimited,
            isPausing: pause.isOn(at: time),
            isReceiverLimited: evidence.isReceiverLimited,
            isSet: true
        )
        let share = bottleneck.report(report, from: sinkPlace, lever: .rate, at: time)
        defer { knownYields = bottleneck.yields }
        let wasPaced = pacingRate != nil
        pacingRate = share.rate.map { UInt64(min(max($0, Self.leastInFlight), Self.most)) }
        congestion?.isLineFaster = pacingRate != nil && share.isFaster
        if pacingRate != nil { return share.isFaster ? .fasterPath : .queueBuilding }
        return wasPaced && bottleneck.yields != knownYields ? .competitor : nil
    }

    // MARK: The receiving side

    /// - Parameters:
    ///   - sinkRate: bytes per second that the sink takes, when it is the limit.
    ///   - budget: of the class, seconds.
    mutating func observeSource(
        _ sample: LegSample,
        sinkRate: Double?,
        budget: Double,
        bottleneck: inout Bottleneck,
        at time: UInt64
    ) {
        guard allowed.contains(.sourceWindow) else { return }
        let interval = Double(max(time.since(receivedAt), 1)) / 1e6
        let bytes = Double(sample.bytesReceived.since(receivedBytes))
        let roundTrip = sourceRoundTrip(of: sample)
        let isFirst = receivedAt == 0
        receivedBytes = sample.bytesReceived
        receivedAt = time
        noteRoundTrip(sample)
        defer { window.settle() }
        guard !isFirst else { return }
        if window.wasSinkFull, let sinkRate {
            isSourceHeld = false
            return window.bound(
                rate: sinkRate,
                budget: min(budget, Self.windowBudget),
                roundTrip: sourceRoundTrip
            )
        }
        holdQueue(
            sample,
            roundTrip: roundTrip,
            bytes: bytes,
            interval: interval,
            bottleneck: &bottleneck,
            at: time
        )
    }

    /// The present one, microseconds; 0: unknown. A receiver sees it with full segments; where none come, it takes the time in which a
    /// window's worth does (tcp_rcv_rtt_measure, net/ipv4/tcp_input.c), which are seconds with small requests: they would pass for
    /// a flow that fills the path. Where the socket sends as well, what it is answered is the better measure.
    private mutating func sourceRoundTrip(of sample: LegSample) -> UInt32 {
        defer { acknowledgedBytes = sample.bytesAcked }
        guard sample.bytesAcked > acknowledgedBytes, sample.rtt > 0 else { return sample.receiveRTT }
        return min(sample.rtt, sample.receiveRTT)
    }

    private mutating func noteRoundTrip(_ sample: LegSample) {
        if sample.minimumRTT > 0 { sourceRoundTrip = Double(sample.minimumRTT) / 1e6 }
    }

    /// The path from the source may have a queue: its sender's packets come late.
    private mutating func holdQueue(
        _ sample: LegSample,
        roundTrip present: UInt32,
        bytes: Double,
        interval: Double,
        bottleneck: inout Bottleneck,
        at time: UInt64
    ) {
        guard present > 0 else { return }
        if sourcePlace < 0 { sourcePlace = bottleneck.join(roundTrip: sample.minimumRTT, at: time) }
        // A small window comes in bursts, once a round trip: one sample may see none of them.
        let roundTrip = Double(present) / 1e6
        inFlight += (bytes / interval * roundTrip - inFlight) * interval / (interval + roundTrip)
        let held = isSourceHeld ? window.bytes : nil
        let report = Bottleneck.Report(
            bytes: bytes,
            interval: interval,
            roundTrip: present,
            // A small window is used as well as a large one.
            isBacklogged: inFlight >= min(Self.leastInFlight, held.map { Double($0) / 2 } ?? .infinity),
            isSet: held.map { sample.hasShrunk(to: $0) } ?? true
        )
        let share = bottleneck.report(report, from: sourcePlace, lever: .window, at: time)
        opening.hasGaps = hasGaps(sample, at: time)
        opening.sourceRoundTrip = UInt32((share.hasYielded ? Double(present) : share.floor) / 1000)
        if let rate = share.rate {
            isSourceHeld = true
            // Behind a gap a round trip's worth waits until it is filled.
            let waiting = opening.hasGaps ? share.floor : 0
            let bytes = rate * (share.floor + share.target + waiting) / 1e6 + 1448
            window.hold(Int(min(bytes, Self.most)))
        } else {
            // It opens from where it is, as far as it is used.
            isSourceHeld = isSourceHeld && !share.hasYielded && !report.isBacklogged
        }
    }

    /// Whether segments were missing lately.
    private mutating func hasGaps(_ sample: LegSample, at time: UInt64) -> Bool {
        if sample.segmentsOutOfOrder != outOfOrder {
            outOfOrder = sample.segmentsOutOfOrder
            gapTime = time
        }
        return gapTime > 0 && time.since(gapTime) < Self.gapMemory
    }

    // MARK: Deciding

    /// Whether anything has changed since the last call. A rate that moved by less than a hundredth is the same.
    mutating func takeNews() -> Bool {
        let now = Told(
            pacingRate: pacingRate ?? 0,
            sendBuffer: sendBuffer.bytes ?? 0,
            window: window.bytes ?? 0,
            congestionControl: congestion?.control
        )
        guard now.differs(from: told) else { return false }
        told = now
        return true
    }

    /// Adds this flow's part.
    func complete(_ decision: inout Decision) {
        decision.pacingRate = told.pacingRate > 0 ? told.pacingRate : nil
        decision.sendBuffer = sendBuffer.bytes
        decision.sourceWindow = window.bytes
        decision.congestionControl = told.congestionControl
    }

    /// What the last decision named; 0: nothing.
    private struct Told: Sendable {
        var pacingRate: UInt64 = 0
        var sendBuffer = 0
        var window = 0
        var congestionControl: CongestionControl?

        func differs(from other: Told) -> Bool {
            sendBuffer != other.sendBuffer || window != other.window
                || congestionControl != other.congestionControl
                || max(pacingRate, other.pacingRate) - min(pacingRate, other.pacingRate) > other.pacingRate
                    / 100
        }
    }

    // MARK: Ending

    mutating func leaveSink(_ bottleneck: inout Bottleneck) {
        if sinkPlace >= 0 { bottleneck.leave(sinkPlace) }
        sinkPlace = -1
    }

    mutating func leaveSource(_ bottleneck: inout Bottleneck) {
        if sourcePlace >= 0 { bottleneck.leave(sourcePlace) }
        sourcePlace = -1
    }
}
