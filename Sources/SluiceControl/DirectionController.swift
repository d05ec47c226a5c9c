/// Sizes the buffers of one direction of one connection, from what its sending socket shows.
///
/// A value without I/O or a clock: the half relay that stores it tells it of reads, feeds it a sample of the
/// sending socket now and then (a few times a second while bytes flow; once when the connection is
/// established), and applies the decisions that it returns. Times are monotonic microseconds.
///
/// The pieces, in the order in which a sample passes them: `CounterMarks` says what has changed
/// (`Evidence`), `PathEstimator` what the path is like, `Diagnostician` what limits the flow, `ActuationPlan`
/// what that asks for, and one small value per actuator (`RingSizer`, `UnsentLimit`) rounds it and keeps it
/// steady.
public struct DirectionController: Sendable {
    private enum Mode: UInt8 { case adaptive, kernel, fixed }

    /// Two samples nearer than this say nothing of a rate.
    private static let leastInterval: UInt64 = 1000
    /// Who has sent so much, and goes on at such a rate, bytes per second, is a bulk flow whatever its reads bring.
    private static let bulkBytes: UInt64 = 64 << 10
    private static let bulkRate = 32e3
    /// A socket of a limited path may have nothing to send for a moment. As many samples in a row are a
    /// source that has nothing more.
    private static let convincingStreak: UInt8 = 3

    // In this order they fill 232 bytes: there are two of these a connection.
    private var lastTime: UInt64 = 0
    private var estimator = PathEstimator()
    private var diagnostician = Diagnostician()
    private let mode: Mode
    /// Whether it has seen a sample.
    public private(set) var isStarted = false
    /// Samples in a row in which the source was the limit.
    private var appLimitedStreak: UInt8 = 0
    private var ring: RingSizer
    /// Microseconds.
    private var queueBudget: UInt32
    /// The ring of the last decision.
    private var decidedRing: UInt32
    private var unsentLimit: UnsentLimit
    private var wasDry = false
    private var isClassNew = false
    private let allowed: ActuatorSet
    private let isBornWithBBR: Bool
    private let firstWindow: FirstWindow
    /// Why the last decision was made.
    public private(set) var lastReason: Reason = .startup
    /// Bytes of kernel memory that one direction may use.
    private let memoryCeiling: UInt32
    /// Of the path from the source, microseconds; 0: unknown.
    private var sourceRoundTrip: UInt32 = 0
    /// Empty, or one: see `BulkControl`.
    private var bulk: [BulkControl] = []

    /// - Parameters:
    ///   - targets: the row of the connection's class.
    ///   - ringCeiling: most bytes that the relay buffer may have; also for `Policy.fixed`.
    ///   - allowed: what an adaptive controller may set. A fixed one sets what it names.
    ///   - memoryCeiling: most bytes that the kernel may use for this direction's sending socket.
    ///   - firstWindow: what the source's socket advertises from the first full read on.
    ///   - isBornWithBBR: whether BBR is the congestion control that the host gives the sending socket.
    public init(
        policy: Policy,
        targets: ClassTargets,
        ringCeiling: Int,
        allowed: ActuatorSet = .all,
        memoryCeiling: Int = 64 << 20,
        firstWindow: FirstWindow = .remote,
        isBornWithBBR: Bool = false
    ) {
        self.allowed = allowed
        self.isBornWithBBR = isBornWithBBR
        self.firstWindow = firstWindow
        self.memoryCeiling = UInt32(clamping: memoryCeiling)
        queueBudget = targets.queueBudgetMicroseconds
        switch policy {
        case .adaptive:
            mode = .adaptive
            ring = RingSizer(ceiling: ringCeiling)
            unsentLimit = UnsentLimit(targets.startupNotSentLowat)
        case .kernel:
            mode = .kernel
            ring = RingSizer(ceiling: ringCeiling)
            unsentLimit = UnsentLimit(nil)
        case .fixed(let sizes):
            mode = .fixed
            ring = RingSizer(constant: min(sizes.ringBytes, ringCeiling))
            unsentLimit = UnsentLimit(constant: sizes.notSentLowat)
        }
        decidedRing = UInt32(clamping: ring.target)
    }

    /// What to set when the sending socket is connected.
    public var initialDecision: Decision {
        Decision(reason: .startup, ringBytes: Int(decidedRing), notSentLowat: unsentLimit.bytes)
    }

    /// What holds now, and why.
    public var decision: Decision {
        var decision = Decision(reason: lastReason, ringBytes: ring.target, notSentLowat: notSentLowat)
        if !bulk.isEmpty { bulk[0].complete(&decision) }
        return decision
    }

    /// Bytes of relay buffer to lease before a read: a power of two from 4 KiB, or the ceiling.
    public var ringTarget: Int { ring.target }

    /// Whether the sink's send buffer holds the flow back, and may not grow.
    public var isSendBufferBound: Bool { !bulk.isEmpty && bulk[0].isSendBufferBound }

    /// What is known of the path behind the sending socket.
    public var estimate: PathEstimate { estimator.estimate }

    /// Called after every read from the source: a few integer instructions.
    /// - Parameter filled: whether the read left no room in the leased buffer, so that the source may have
    ///   more.
    public mutating func noteRead(bytes: Int, filled: Bool) {
        ring.noteRead(bytes: bytes, filled: filled)
        if filled { becomeBulk() }
    }

    /// The first sample, before the first full read is told: a bulk flow begins with the round-trip times that the handshakes have
    /// measured. Without it the first call of `observe` begins.
    public mutating func begin(source: LegSample?, sink: LegSample?, relayedBytes: UInt64, at time: UInt64) {
        guard !isStarted else { return }
        if let source, source.minimumRTT > 0 { sourceRoundTrip = source.minimumRTT }
        start(sink: sink, relayedBytes: relayedBytes, at: time)
    }

    private mutating func becomeBulk() {
        guard bulk.isEmpty, mode == .adaptive else { return }
        bulk.append(
            BulkControl(
                allowed: allowed,
                memoryCeiling: Int(memoryCeiling),
                firstWindow: firstWindow,
                isBornWithBBR: isBornWithBBR,
                sourceRoundTrip: sourceRoundTrip,
                sinkRoundTrip: estimator.smoothedRTT
            )
        )
    }

    /// Called after every write of what was read.
    /// - Parameter time: monotonic milliseconds.
    /// - Returns: how much may wait unsent in the sink's kernel from now on, when that has changed; `.max`: the kernel's default. A
    ///   flow that only begins must not wait for a sample.
    public mutating func noteTaken(bytes: Int, at time: UInt64) -> Int? {
        guard mode == .adaptive else { return nil }
        let hasOpened = unsentLimit.noteWritten(
            bytes,
            budget: Double(queueBudget) / 1e6,
            roundTrip: estimator.smoothedRTT / 1000,
            at: UInt32(truncatingIfNeeded: time)
        )
        return hasOpened ? notSentLowat ?? .max : nil
    }

    private var notSentLowat: Int? {
        unsentLimit.bytes ?? (bulk.isEmpty ? nil : bulk[0].sendBuffer.mostUnsent)
    }

    /// Called after every write of what was read: whether the sink took all of it.
    /// - Parameter time: monotonic milliseconds.
    /// - Returns: the window that the source's socket is to advertise from now on, when that has changed; `.max` gives it back
    ///   to the kernel's autotuning. A flow that the sink keeps up with must not wait for a sample to be let go.
    public mutating func noteWritten(bytes: Int, all: Bool, at time: UInt64) -> Int? {
        bulk.isEmpty ? nil : bulk[0].noteWritten(bytes: bytes, all: all, at: time)
    }

    /// The connection's class was corrected: the next sample decides anew, from the class's starting values.
    public mutating func setClass(_ targets: ClassTargets) {
        queueBudget = targets.queueBudgetMicroseconds
        guard mode == .adaptive else { return }
        unsentLimit = UnsentLimit(targets.startupNotSentLowat)
        isClassNew = true
    }

    /// A sample of the source's socket: sizes the window that it advertises. Called before `observe`, and not for a source on
    /// this host: its segments are 64 KiB, and where a window that has been larger has no room for one, it waits for its persist timer,
    /// 200 ms and more (tcp_persist, RFC 9293, 3.8.6.2.1).
    /// - Parameter bottleneck: of the path from the source's peer.
    public mutating func observeSource(_ sample: LegSample, at time: UInt64, bottleneck: inout Bottleneck) {
        if sample.minimumRTT > 0 { sourceRoundTrip = sample.minimumRTT }
        guard !bulk.isEmpty else { return }
        bulk[0].observeSource(
            sample,
            sinkRate: estimator.estimate.bandwidth ?? estimator.recentRate,
            budget: Double(queueBudget) / 1e6,
            bottleneck: &bottleneck,
            at: time
        )
    }

    /// One sample of the sending socket.
    /// - Parameters:
    ///   - sink: `nil` for a Unix socket, which has no TCP_INFO.
    ///   - relayedBytes: running total of the bytes that this direction has written.
    ///   - bottleneck: of the path to the sink's peer.
    /// - Returns: the new sizes, when one has changed.
    public mutating func observe(
        sink: LegSample?,
        relayedBytes: UInt64,
        at time: UInt64,
        bottleneck: inout Bottleneck
    ) -> Decision? {
        observe(sink, relayedBytes, isShared: true, &bottleneck, at: time)
    }

    /// The same for a sink on this host, which has no path to share.
    public mutating func observe(sink: LegSample?, relayedBytes: UInt64, at time: UInt64) -> Decision? {
        var none = Bottleneck()
        return observe(sink, relayedBytes, isShared: false, &none, at: time)
    }

    private mutating func observe(
        _ sink: LegSample?,
        _ relayedBytes: UInt64,
        isShared: Bool,
        _ bottleneck: inout Bottleneck,
        at time: UInt64
    ) -> Decision? {
        guard isStarted else {
            start(sink: sink, relayedBytes: relayedBytes, at: time)
            return nil
        }
        let interval = time.since(lastTime)
        guard interval >= Self.leastInterval else { return nil }
        lastTime = time
        estimator.noteRelayed(relayedBytes, interval: interval)
        // A slow path brings its bytes in small reads.
        if relayedBytes >= Self.bulkBytes, estimator.recentRate >= Self.bulkRate { becomeBulk() }

        let limitBefore = unsentLimit.bytes
        let reason: Reason
        if let sink {
            reason = observe(sink, interval: interval, isShared: isShared, &bottleneck, at: time)
        } else {
            reason = observeUnmeasured()
        }
        return decide(reason, limitBefore: limitBefore)
    }

    /// The flow is over: what it had of the bottlenecks is the others'.
    public mutating func leave(sink bottleneck: inout Bottleneck) {
        if !bulk.isEmpty { bulk[0].leaveSink(&bottleneck) }
    }

    /// The same for the path from the source.
    public mutating func leave(source bottleneck: inout Bottleneck) {
        if !bulk.isEmpty { bulk[0].leaveSource(&bottleneck) }
    }

    private mutating func start(sink: LegSample?, relayedBytes: UInt64, at time: UInt64) {
        isStarted = true
        lastTime = time
        estimator.start(sink: sink, relayedBytes: relayedBytes, at: time)
        if let sink { diagnostician.start(with: sink) }
    }

    private mutating func observe(
        _ sink: LegSample,
        interval: UInt64,
        isShared: Bool,
        _ bottleneck: inout Bottleneck,
        at time: UInt64
    ) -> Reason {
        let evidence = diagnostician.evidence(from: sink, interval: interval)
        estimator.noteSample(sink, evidence: evidence, at: time)
        let path = estimator.estimate
        let isSettled = estimator.isBandwidthSettled(at: time)
        let isStarved = noteDry(evidence, isSettled: isSettled)
        var reason = diagnostician.diagnose(
            evidence,
            rttVariance: sink.rttVariance,
            path: path,
            queueBudget: queueBudget,
            isStarved: isStarved,
            at: time
        )
        let plan = ActuationPlan(
            reason,
            path: path,
            rate: estimator.recentRate,
            budget: mode == .adaptive ? Double(queueBudget) / 1e6 : nil,
            congestionWindow: sink.congestionWindowBytes,
            isDecreaseSafe: isSettled && evidence.hasUnsent != false
        )
        if mode == .adaptive, isStarved { unsentLimit.noteStarved() }
        apply(plan, isAppLimited: reason == .appLimited)
        guard !bulk.isEmpty else { return reason }
        let isLimited = reason == .sendBufferLimited && evidence.isSendBufferLimited
        let mayPrepare = isShared && reason != .queueBuilding
        if bulk[0].sizeSendBuffer(sink, isLimited: isLimited, mayPrepare: mayPrepare) {
            reason = .sendBufferLimited
        }
        guard isShared else { return reason }
        return bulk[0].observeSink(
            sink,
            evidence: evidence,
            reason: reason,
            path: path,
            bottleneck: &bottleneck,
            at: time
        )
    }

    /// Whether the unsent limit starves the socket: twice in a row the kernel says that it had nothing to
    /// send, although the source had more than fitted. The start of a burst looks the same, but its bandwidth
    /// still grows.
    private mutating func noteDry(_ evidence: Evidence, isSettled: Bool) -> Bool {
        let isDry = evidence.ranDry == true && evidence.hasUnsent == false && ring.isSourceAhead
        defer { wasDry = isDry }
        return isDry && wasDry && isSettled && !evidence.isReceiverLimited && unsentLimit.bytes != nil
    }

    /// A Unix socket: only its reader can be the limit, or the source.
    private mutating func observeUnmeasured() -> Reason {
        let isSourceAhead = ring.isSourceAhead
        apply(
            .unmeasured(rate: estimator.recentRate, isSourceAhead: isSourceAhead),
            isAppLimited: !isSourceAhead
        )
        return isSourceAhead ? .receiverLimited : .appLimited
    }

    private mutating func apply(_ plan: ActuationPlan, isAppLimited: Bool) {
        appLimitedStreak = isAppLimited ? min(appLimitedStreak + 1, Self.convincingStreak) : 0
        guard mode != .fixed else { return }
        if isAppLimited, ring.isBounded, appLimitedStreak < Self.convincingStreak {
            ring.hold()
        } else {
            ring.resize(for: plan.ring, isBounded: plan.isRingBounded)
        }
        if mode == .adaptive, let unsent = plan.unsent {
            unsentLimit.resize(for: unsent, mayShrink: plan.mayUnsentShrink)
        }
    }

    private mutating func decide(_ reason: Reason, limitBefore: Int?) -> Decision? {
        let ringNow = UInt32(clamping: ring.target)
        let hasNews = ringNow != decidedRing || unsentLimit.bytes != limitBefore || isClassNew
        // Asked in any case: it remembers what it was asked for.
        let hasBulkNews = !bulk.isEmpty && bulk[0].takeNews()
        guard hasNews || hasBulkNews else { return nil }
        decidedRing = ringNow
        lastReason = isClassNew ? .classChanged : reason
        isClassNew = false
        return decision
    }
}

extension ClassTargets {
    /// Clamped to what 32 bits hold: more than an hour.
    var queueBudgetMicroseconds: UInt32 {
        let (seconds, attoseconds) = queueBudget.components
        let microseconds = Double(seconds) * 1e6 + Double(attoseconds) / 1e12
        return UInt32(min(max(microseconds, 0), Double(UInt32.max)))
    }
}
