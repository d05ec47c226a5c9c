// What a connection knows about itself from the outside: its class, its samples, and what it told the metrics already.

import SluiceControl

struct ConnectionSensing {
    enum ClassSource: String {
        case configured, port, traffic
    }

    var flowClass: FlowClass
    var classSource: ClassSource
    var shape: TrafficShape
    /// Samples in a row that saw no byte move, into a kernel or out of it.
    var quietSamples: UInt8 = 0
    var deadlineIsHalfClosed = false
    var hasKeepalive = false
    var hasLocalCongestionControl = false
    /// Whether bytes moved before the newest sample, or filled a read.
    var hasMoved = false
    /// Whether it is one of the `SendBufferRefill`'s.
    var isRefilling = false
    let arm: Arm
    /// `nil` until bytes have moved in two samples, of which a first full read is one: most connections never come so far.
    var record: FlowRecord?
    /// Indexed as `Leg.allCases`.
    var client = LegTotals()
    var origin = LegTotals()
    /// Bytes already counted in the metrics.
    var countedUpstream: UInt64 = 0
    var countedDownstream: UInt64 = 0

    /// The last sample of one leg, as far as it is shown.
    struct LegTotals {
        /// Smoothed round-trip time, microseconds; 0 until measured.
        var rtt: UInt32 = 0
        var unsentBytes: UInt32 = 0
        var retransmittedBytes: UInt64 = 0
    }

    init(flowClass: FlowClass, source: ClassSource, arm: Arm) {
        self.flowClass = flowClass
        self.arm = arm
        classSource = source
        shape = TrafficShape(guess: flowClass)
    }

    /// A better first guess has come, before any byte.
    mutating func begin(as guess: FlowClass) {
        flowClass = guess
        shape = TrafficShape(guess: guess)
    }

    /// In both kernels at the last sample.
    var unsentBytes: UInt32 { client.unsentBytes &+ origin.unsentBytes }

    mutating func noteProgress(_ hasMoved: Bool) {
        quietSamples = hasMoved ? 0 : min(quietSamples, UInt8.max - 1) + 1
    }

    subscript(leg: Leg) -> LegTotals {
        get { leg == .client ? client : origin }
        set { if leg == .client { client = newValue } else { origin = newValue } }
    }
}

extension Connection {
    /// Whether nothing is to be seen of it until it moves bytes again.
    var isQuiet: Bool {
        let enough = sensing.unsentBytes > 0 ? Sampler.waitingSamples : Sampler.quietSamples
        return sensing.quietSamples >= enough
    }

    /// Looks at both legs, and lets the controllers decide. `now` is the loop's time in milliseconds.
    func sample(at now: UInt64) {
        guard phase == .relaying, let upstream, let downstream else { return }
        setKeepalive(on: upstream.sink)
        watchForFailures()
        let moved = countRelayedBytes(upstream, downstream)
        let unsentBefore = sensing.unsentBytes
        let time = MonotonicClock.microseconds
        if moved > 0 { keepRecord(at: time) }
        let client = takeSample(of: downstream.sink)
        let origin = takeSample(of: upstream.sink)
        sensing.noteProgress(moved > 0 || sensing.unsentBytes != unsentBefore)
        // Written out twice: an array of the two would be an allocation a sample.
        control(downstream, source: origin, sink: client, at: time)
        control(upstream, source: client, sink: origin, at: time)
        noteArm(movedBytes: moved, client: client, origin: origin, at: time)
        correctClass(at: time)
        let isBound = downstream.controller.isSendBufferBound || upstream.controller.isSendBufferBound
        setRefilling(isBound && moved > 0)
    }

    func setRefilling(_ isRefilling: Bool) {
        guard isRefilling != sensing.isRefilling else { return }
        if isRefilling {
            sensing.isRefilling = context.refill.add(self)
        } else {
            sensing.isRefilling = false
            context.refill.remove(self)
        }
    }

    private func keepRecord(at time: UInt64) {
        guard sensing.hasMoved else {
            sensing.hasMoved = true
            return
        }
        guard sensing.record == nil else { return }
        let record = FlowRecord(at: time)
        if let client { record.noteUsed(client.actuator.used) }
        if let origin { record.noteUsed(origin.actuator.used) }
        if sensing.hasLocalCongestionControl { record.noteUsed(.congestionControl) }
        if isAdaptive { record.paths.join(client: peerAddress, origin: originAddress, in: context.paths) }
        sensing.record = record
    }

    func leavePaths() {
        guard let upstream, let downstream, let record = sensing.record else { return }
        record.paths.leave(upstream, downstream, in: context.paths)
    }

    private func control(_ half: HalfRelay, source: LegSample?, sink: LegSample?, at time: UInt64) {
        if let source { control(half, source: source, at: time) }
        let record = sensing.record
        let evidence = sink.flatMap { record?.evidence(of: half.direction, $0, at: time) }
        let decision =
            if let path = record?.paths[half.sink.leg] {
                path.towards.withLock { bottleneck in
                    half.controller.observe(
                        sink: sink,
                        relayedBytes: half.relayedBytes,
                        at: time,
                        bottleneck: &bottleneck
                    )
                }
            } else {
                half.controller.observe(sink: sink, relayedBytes: half.relayedBytes, at: time)
            }
        if let decision { apply(decision, to: half, evidence, at: time) }
        boundSendBuffer(of: half.sink)
    }

    /// The kernel's autotuning does not know of the route's ceiling. Where it ends below that, there is nothing to look at.
    private func boundSendBuffer(of sink: LegSocket) {
        guard route.sideMemory < context.abilities.autotunedSendBuffer, isBoundable(sink, .sendBuffer) else {
            return
        }
        note(sink.actuator.boundSendBuffer(at: route.sideMemory, on: sink.descriptor))
    }

    private func boundWindow(of source: LegSocket, _ sample: LegSample) {
        guard route.sideMemory < context.abilities.autotunedReceiveBuffer, isBoundable(source, .sourceWindow)
        else { return }
        let outcome = source.actuator.boundSourceWindow(
            at: route.sideMemory / 2,
            sample,
            on: source.descriptor,
            abilities: context.abilities
        )
        note(outcome)
    }

    private func isBoundable(_ socket: LegSocket, _ actuator: ActuatorSet) -> Bool {
        socket.isTCP && isAdaptive
            && context.abilities.actuators.intersection(route.allowedActuators).contains(actuator)
    }

    private func control(_ half: HalfRelay, source: LegSample, at time: UInt64) {
        if let path = sensing.record?.paths[half.source.leg] {
            path.from.withLock { half.controller.observeSource(source, at: time, bottleneck: &$0) }
        }
        note(half.source.actuator.settle(source, on: half.source.descriptor))
        boundWindow(of: half.source, source)
    }

    /// The last look at both legs, for the log line and the counters, whatever state the connection is in.
    func finalSample() {
        guard let upstream, let downstream else { return }
        _ = countRelayedBytes(upstream, downstream)
        _ = takeSample(of: downstream.sink)
        _ = takeSample(of: upstream.sink)
    }

    /// What the class's starting values ask for, right after the connect.
    func applyInitialDecisions() {
        applyInitialDecision(to: downstream!)
        applyInitialDecision(to: upstream!)
    }

    private func applyInitialDecision(to half: HalfRelay) {
        _ = apply(route.permitted(half.controller.initialDecision, for: sensing.flowClass), to: half)
        if case .fixed(let sizes) = route.configuration.policy { fix(half.sink, at: sizes) }
    }

    /// What `policy: static` asks for beside the ring and the unsent limit. A Unix socket has none of it.
    private func fix(_ socket: LegSocket, at sizes: StaticSizes) {
        guard socket.isTCP else { return }
        if let bytes = sizes.sendBuffer {
            noteRefusedOptions(SocketOptions.setSendBufferOrWarn(socket.descriptor, bytes: bytes))
        }
        if let bytes = sizes.receiveBuffer {
            noteRefusedOptions(SocketOptions.setReceiveBufferOrWarn(socket.descriptor, bytes: bytes))
        }
        if let wanted = sizes.congestionControl, wanted.set(on: socket.descriptor) != 0 {
            noteRefusedOptions(1)
        }
    }

    /// Gives the socket of a leg to this host itself its congestion control, where that gains anything.
    func spareIfLocal(_ descriptor: Int32, _ peer: SocketAddress) {
        guard isAdaptive, route.actuators(for: sensing.flowClass).contains(.congestionControl),
            peer.isLoopback,
            LocalCongestionControl.isWorthwhile(insteadOf: context.abilities.congestionControl)
        else { return }
        guard LocalCongestionControl.set(on: descriptor) else { return noteRefusedOptions(1) }
        sensing.hasLocalCongestionControl = true
        noteDecision(.congestionControl, .localPeer)
    }

    /// A half relay has read `bytes` at once.
    func noteRead(_ bytes: Int, from leg: Leg) {
        guard sensing.classSource != .configured else { return }
        sensing.shape.noteRead(leg == .client ? .upstream : .downstream, bytes: bytes)
    }

    /// This direction's source has filled a read for the first time. That is its controller's first sample, so that the next one may
    /// decide already.
    func beginControl(of half: HalfRelay) {
        sensing.hasMoved = true
        half.controller.begin(
            source: LegSample(descriptor: half.source.descriptor),
            sink: LegSample(descriptor: half.sink.descriptor),
            relayedBytes: half.relayedBytes,
            at: MonotonicClock.microseconds
        )
    }

    private func correctClass(at time: UInt64) {
        guard sensing.classSource != .configured, let corrected = sensing.shape.correction(at: time) else {
            return
        }
        sensing.flowClass = corrected
        sensing.classSource = .traffic
        let targets = route.targets(for: corrected)
        for half in [downstream!, upstream!] { half.controller.setClass(targets) }
        scheduleSilenceDeadline()
    }

    private func apply(_ wanted: Decision, to half: HalfRelay, _ evidence: Evidence?, at time: UInt64) {
        let decision = route.permitted(wanted, for: sensing.flowClass)
        keep(decision, of: half, apply(decision, to: half), evidence, at: time)
    }

    private func keep(
        _ decision: Decision,
        of half: HalfRelay,
        _ changed: ActuatorSet,
        _ evidence: Evidence?,
        at time: UInt64
    ) {
        guard !changed.isEmpty, let record = sensing.record else { return }
        record.note(
            DecisionRecord(
                time: time,
                direction: half.direction,
                decision: decision,
                changed: changed,
                path: half.controller.estimate,
                evidence: evidence
            )
        )
    }

    /// - Returns: what that changed.
    private func apply(_ decision: Decision, to half: HalfRelay) -> ActuatorSet {
        var changed: ActuatorSet = []
        // The controller holds the ring's target itself: the next lease follows it.
        let ring = UInt32(clamping: decision.ringBytes)
        if ring != half.decidedRing {
            half.decidedRing = ring
            noteDecision(.ring, decision.reason)
            changed.insert(.ring)
        }
        if half.sink.isTCP { changed.formUnion(applyToSink(decision, of: half)) }
        return changed.union(setWindow(decision.sourceWindow, of: half.source, decision.reason))
    }

    private func applyToSink(_ decision: Decision, of half: HalfRelay) -> ActuatorSet {
        let (sink, abilities) = (half.sink, context.abilities)
        let (descriptor, reason) = (sink.descriptor, decision.reason)
        let unsent = sink.actuator.setNotSentLowat(decision.notSentLowat, on: descriptor)
        let rate = sink.actuator.setPacingRate(decision.pacingRate, on: descriptor)
        let buffer = sink.actuator.setSendBuffer(decision.sendBuffer, on: descriptor, abilities: abilities)
        let control = sink.actuator.setCongestionControl(
            decision.congestionControl,
            on: descriptor,
            abilities: abilities
        )
        return note(unsent, .notSentLowat, reason).union(note(rate, .pacing, reason))
            .union(note(buffer, .sendBuffer, reason)).union(note(control, .congestionControl, reason))
    }

    /// The window that a direction's source is told, `nil` or `.max` for the kernel's own: what its controller asks for between
    /// two samples.
    func setSourceWindow(_ bytes: Int?, of half: HalfRelay) {
        let isPermitted = route.actuators(for: sensing.flowClass).contains(.sourceWindow)
        let decision = half.controller.decision
        let changed = setWindow(isPermitted ? bytes : nil, of: half.source, decision.reason)
        keep(decision, of: half, changed, nil, at: MonotonicClock.microseconds)
    }

    /// What may wait unsent in the kernel of a direction's sink, `.max` for the kernel's default: what its controller asks for
    /// between two samples.
    func setNotSentLowat(_ bytes: Int, of half: HalfRelay) {
        guard half.sink.isTCP, route.actuators(for: sensing.flowClass).contains(.notSentLowat) else { return }
        let decision = half.controller.decision
        let limit = bytes == .max ? nil : bytes
        let outcome = half.sink.actuator.setNotSentLowat(limit, on: half.sink.descriptor)
        let changed = note(outcome, .notSentLowat, decision.reason)
        keep(decision, of: half, changed, nil, at: MonotonicClock.microseconds)
    }

    /// What a controller of this connection may set: what the kernel lets Sluice set, as far as the route allows it for the class.
    var usableActuators: ActuatorSet {
        context.abilities.actuators.intersection(route.actuators(for: sensing.flowClass))
    }

    /// The socket to the origin is made, and not connected: its first window is told with the handshake.
    func narrowFirstWindow(_ descriptor: Int32, _ peer: SocketAddress) {
        guard peer.isTCP, isAdaptive, usableActuators.contains(.sourceWindow) else { return }
        let bytes = FirstWindow(of: peer).bytes
        noteRefusedOptions(SocketOptions.setFirstWindowOrWarn(descriptor, bytes: bytes))
    }

    private func setWindow(_ bytes: Int?, of source: LegSocket, _ reason: Reason) -> ActuatorSet {
        guard source.isTCP else { return [] }
        let outcome = source.actuator.setSourceWindow(
            bytes,
            on: source.descriptor,
            abilities: context.abilities
        )
        return note(outcome, .sourceWindow, reason)
    }

    /// - Returns: the actuator, when it has set something else than before.
    private func note(_ outcome: LegActuator.Outcome, _ actuator: Actuator, _ reason: Reason) -> ActuatorSet {
        note(outcome)
        guard case .changed = outcome else { return [] }
        noteDecision(actuator, reason)
        return ActuatorSet(actuator)
    }

    private func note(_ outcome: LegActuator.Outcome) {
        if case .refused = outcome { noteRefusedOptions(1) }
    }

    private func noteDecision(_ actuator: Actuator, _ reason: Reason) {
        sensing.record?.noteUsed(ActuatorSet(actuator))
        context.metrics.routes[route.index].decisions[actuator.index][reason.index] += 1
    }

    /// The origin's leg gets its keepalive with the first sample, so that a connection of one request need not pay for it.
    /// The client's leg has it from the listener.
    private func setKeepalive(on socket: LegSocket) {
        guard !sensing.hasKeepalive, socket.isTCP else { return }
        sensing.hasKeepalive = true
        noteRefusedOptions(SocketOptions.setKeepaliveOrWarn(socket.descriptor))
    }

    private func takeSample(of socket: LegSocket) -> LegSample? {
        guard socket.isTCP, !socket.isClosed, let sample = LegSample(descriptor: socket.descriptor) else {
            return nil
        }
        let index = socket.leg.index
        let resent = sample.bytesRetransmitted &- sensing[socket.leg].retransmittedBytes
        context.metrics.routes[route.index].retransmittedBytes[index] &+= resent
        if sensing.record != nil {
            let place = ArmMetrics.index(sensing.flowClass, sensing.arm)
            context.metrics.routes[route.index].arms[place].retransmittedBytes &+= resent
        }
        context.metrics.routes[route.index].roundTripSeconds[index].record(Double(sample.rtt) / 1e6)
        let isFirst = sensing[socket.leg].rtt == 0
        if socket.leg == .origin, isFirst, sample.minimumRTT > 0 {
            chosenOrigin?.record.observeRoundTrip(sample.minimumRTT)
        }
        sensing[socket.leg].retransmittedBytes = sample.bytesRetransmitted
        sensing[socket.leg].rtt = sample.rtt
        sensing[socket.leg].unsentBytes = sample.notSent
        return sample
    }

    /// Adds what was relayed since the last time to the metrics. Returns how much it was.
    @discardableResult
    func countRelayedBytes(_ upstream: HalfRelay, _ downstream: HalfRelay) -> UInt64 {
        let up = upstream.relayedBytes &- sensing.countedUpstream
        let down = downstream.relayedBytes &- sensing.countedDownstream
        guard up | down != 0 else { return 0 }
        sensing.countedUpstream = upstream.relayedBytes
        sensing.countedDownstream = downstream.relayedBytes
        context.metrics.routes[route.index].relayedBytes[0] &+= up
        context.metrics.routes[route.index].relayedBytes[1] &+= down
        return up &+ down
    }
}

extension FirstWindow {
    /// Of a socket to `peer`.
    init(of peer: SocketAddress) { self = peer.isLoopback ? .local : .remote }
}
