import SluiceControl

/// One client, its origin, and the two half relays between them.
///
/// Life: `start` has an `OriginConnector` find an origin; once one answers, both half relays run until both are finished, or
/// until something goes wrong. A reset travels as a reset, an end of file as an end of file, each in its own direction. Whatever
/// the end, `end` runs exactly once.
///
/// Owns both sockets. Owned by its worker until `connectionEnded`. Thread: its loop's.
final class Connection: DeadlineEntry {
    enum Phase: UInt8 {
        case connecting
        case relaying
        /// Over but for one thing: what the surviving leg was sent in order has not arrived yet. See `linger`.
        case lingering
        case ended
    }

    let id: UInt64
    let route: Route
    /// Who connected: the client, or a proxy that says in a PROXY header who that is.
    let peerAddress: SocketAddress
    var clientAddress: SocketAddress
    /// Of the address that answered, or of the last one tried.
    var originAddress: SocketAddress?
    let context: RelayContext
    private(set) var phase = Phase.connecting
    var client: LegSocket?
    var origin: LegSocket?
    private(set) var upstream: HalfRelay?
    private(set) var downstream: HalfRelay?
    /// What `origin` is connected to, where it was chosen. Holds a place there until the end.
    var chosenOrigin: Origin?
    var opening = ConnectionOpening()
    /// A leg failed while the other direction still had something to deliver: why the connection will have ended.
    private var failure: CloseReason?

    /// Microseconds of the monotonic clock.
    let acceptedAt: UInt64
    /// Loop milliseconds of the last byte moved, either way.
    private(set) var lastActivity: UInt64
    /// Whether a byte has reached the client.
    private var hasAnswered = false

    /// What its client takes, this connection counted, where the route limits clients.
    var clientUsage: ClientUsage?

    /// Its place in the worker's table, and in the sampler's list (-1: in none). They belong to those two.
    var tableIndex: Int32 = -1
    var samplerIndex: Int32 = -1
    var sensing: ConnectionSensing

    init(
        id: UInt64,
        route: Route,
        client address: SocketAddress,
        context: RelayContext
    ) {
        self.id = id
        self.route = route
        peerAddress = address
        clientAddress = address
        self.context = context
        acceptedAt = MonotonicClock.microseconds
        lastActivity = context.loop.now
        sensing = ConnectionSensing(
            flowClass: route.initialClass,
            source: route.classSource,
            arm: route.holdback.arm(of: id, from: address, acceptedAt: acceptedAt)
        )
    }

    // MARK: Relaying

    /// Both legs are open, and have been told whatever comes before the first byte.
    func beginRelaying() {
        phase = .relaying
        guard let client, let origin else { preconditionFailure("a connection relays with both legs") }
        let targets = route.targets(for: sensing.flowClass)
        func controller(_ firstWindow: FirstWindow) -> DirectionController {
            DirectionController(
                policy: policy,
                targets: targets,
                ringCeiling: route.configuration.ringCeilingBytes,
                allowed: usableActuators,
                memoryCeiling: route.sideMemory,
                firstWindow: firstWindow,
                isBornWithBBR: context.abilities.congestionControl == .bbr
            )
        }
        // A client's socket has advertised its first window already, and a sender on this host cuts its segments after that.
        upstream = HalfRelay(source: client, sink: origin, controller: controller(.remote), context: context)
        downstream = HalfRelay(
            source: origin,
            sink: client,
            controller: controller(originAddress.map(FirstWindow.init(of:)) ?? .remote),
            context: context
        )
        limitBandwidth()
        applyInitialDecisions()
        lastActivity = context.loop.now
        scheduleSilenceDeadline()
        context.sampler.noteActive(self)
        // Most clients have spoken by now: their bytes need not wait for another event.
        pump(upstream!)
        settle()
    }

    /// An event on one of the legs.
    func legReady(_ socket: LegSocket, _ events: PollEvents) {
        guard phase == .relaying, let upstream, let downstream else { return openingReady(socket, events) }
        let (from, to) = socket.leg == .client ? (upstream, downstream) : (downstream, upstream)
        if !events.isDisjoint(with: [.writable, .failed]) { pump(to) }
        if phase == .relaying, !events.isDisjoint(with: [.readable, .failed]) { pump(from) }
        settle()
    }

    private func pump(_ half: HalfRelay) {
        let before = half.relayedBytes
        let outcome = half.pump()
        if half.relayedBytes != before { noteRelayed(by: half) }
        switch outcome {
        case .running: break
        case .drained:
            // The second of the two is followed by a close, which says the same.
            if upstream?.phase != .finished || downstream?.phase != .finished || failure != nil {
                half.sink.shutdownWrite()
            }
        case .sourceFailed:
            failure = failure ?? (half.source.leg == .client ? .clientReset : .originReset)
            linger()
        case .sinkFailed:
            failure = failure ?? (half.sink.leg == .client ? .clientReset : .originReset)
        }
    }

    private func limitBandwidth() {
        guard route.limits.areOnBandwidth, let upstream, let downstream else { return }
        upstream.pacer = ReadPacer(connection: self, half: upstream, direction: .upstream)
        downstream.pacer = ReadPacer(connection: self, half: downstream, direction: .downstream)
    }

    /// The time has come for what the bandwidth limit kept `half` from reading.
    func resumeReading(_ half: HalfRelay) {
        guard phase == .relaying else { return }
        pump(half)
        settle()
    }

    /// A sink that its send buffer holds back may have room that the kernel does not speak of: see `SendBufferRefill`.
    func writeOn() {
        guard phase == .relaying, let upstream, let downstream else { return }
        writeOn(downstream)
        if phase == .relaying { writeOn(upstream) }
        settle()
    }

    private func writeOn(_ half: HalfRelay) {
        if half.heldBytes > 0, half.controller.isSendBufferBound { pump(half) }
    }

    private func noteRelayed(by half: HalfRelay) {
        lastActivity = context.loop.now
        context.sampler.noteActive(self)
        guard !hasAnswered, half === downstream else { return }
        hasAnswered = true
        chosenOrigin?.record.noteSuccess(at: lastActivity)
        let elapsed = MonotonicClock.microseconds &- acceptedAt
        context.metrics.routes[route.index].firstByteSeconds.record(Double(elapsed) / 1e6)
    }

    /// After events: ends what is finished, and asks for the events that are needed next.
    private func settle() {
        guard phase == .relaying, let upstream, let downstream, let client, let origin else { return }
        if upstream.phase == .finished, downstream.phase == .finished {
            return failure == nil ? end(.completed) : linger()
        }
        watch(client, reads: upstream, writes: downstream)
        watch(origin, reads: downstream, writes: upstream)
        if isHalfClosed, !sensing.deadlineIsHalfClosed {
            sensing.deadlineIsHalfClosed = true
            scheduleSilenceDeadline()
        }
    }

    private func watch(_ socket: LegSocket, reads: HalfRelay, writes: HalfRelay) {
        guard !socket.hasFailed else { return }
        var interest: PollEvents = []
        if reads.wantsToRead { interest.insert(.readable) }
        if writes.wantsToWrite { interest.insert(.writable) }
        // What `watchForFailures` has asked for is kept until something else is needed.
        if interest.isEmpty, socket.interest == .failureOnly { return }
        socket.setInterest(interest)
    }

    /// A leg that is neither read nor written, because the other one has stalled, is watched for its end: so a client that
    /// died does not wait for its origin. Called with each sample, so that a short connection does not pay for it.
    func watchForFailures() {
        guard phase == .relaying, let upstream, let downstream, let client, let origin else { return }
        watchForFailure(of: client, isShut: downstream.phase == .finished)
        watchForFailure(of: origin, isShut: upstream.phase == .finished)
    }

    private func watchForFailure(of socket: LegSocket, isShut: Bool) {
        // With its write half shut, and its end of file read, a hang-up is no news, and would be told for ever.
        guard socket.interest.isEmpty, !socket.hasFailed, !isShut else { return }
        socket.setInterest(.failureOnly)
    }

    /// One direction has ended, or one leg is gone while the other still has to take what it sent before.
    var isHalfClosed: Bool {
        guard phase == .relaying, let upstream, let downstream else { return false }
        return upstream.phase != .relaying || downstream.phase != .relaying
            || upstream.source.hasFailed || downstream.source.hasFailed
    }

    /// For a second nothing has moved, and nothing waits: to end it now cuts nothing short that Sluice knows of.
    func isSilent(at now: UInt64) -> Bool {
        phase == .relaying && !isUnfinished && now >= lastActivity + 1000
    }

    private var isUnfinished: Bool { upstream?.isUnfinished == true || downstream?.isUnfinished == true }

    // MARK: Ending

    /// Anew after every change of the class: one without an idle timeout has no deadline that would look at the new one.
    func scheduleSilenceDeadline() {
        guard let timeout = silenceTimeout else { return context.deadlines.cancel(self) }
        context.deadlines.schedule(self, at: lastActivity + timeout)
    }

    private var silenceTimeout: UInt64? {
        let timeouts = route.timeouts(for: sensing.flowClass)
        return isHalfClosed ? timeouts.halfClosed : timeouts.idle
    }

    override func deadlineReached(now: UInt64) {
        switch phase {
        case .relaying:
            guard let timeout = silenceTimeout else { return }
            guard now >= lastActivity + timeout else { return scheduleSilenceDeadline() }
            end(isHalfClosed ? .halfClosedTimeout : .idleTimeout)
        case .lingering: lingerOn(now: now)
        case .connecting:
            // Only a header that the origin does not take leaves a deadline here.
            end(.connectTimeout)
        case .ended: break
        }
    }

    /// A leg is gone, and a reset is due on the other. It would overtake, and destroy, what the survivor was sent before: the
    /// early answer to an upload, say, or the last lines before a crash. So it waits until the kernel has nothing
    /// unacknowledged there, or until the half-closed timeout.
    private func linger() {
        phase = .lingering
        setRefilling(false)
        for socket in [client, origin] { socket?.setInterest([]) }
        lastActivity = context.loop.now
        lingerOn(now: lastActivity)
    }

    private func lingerOn(now: UInt64) {
        let survivor = failure == .clientReset ? origin! : client!
        let isOver = now >= lastActivity + route.timeouts(for: sensing.flowClass).halfClosed
        // Nobody polls the survivor any more, and one that is reset keeps its unacknowledged bytes: its error tells.
        let isGone = survivor.hasFailed || SocketOptions.takeError(survivor.descriptor) != 0
        guard !isOver, !isGone, survivor.unacknowledgedBytes > 0 else { return end(failure!) }
        context.deadlines.schedule(self, at: now + DeadlineWheel.tickMilliseconds)
    }

    /// Ends both legs, whatever they are doing, and reports the end. Does nothing the second time.
    ///
    /// In order where every byte that was read has been written; otherwise with a reset, because the peers must not take a
    /// cut-off stream for a whole one.
    func end(_ reason: CloseReason) {
        guard phase != .ended else { return }
        finalSample()
        noteArmEnd()
        leavePaths()
        setRefilling(false)
        phase = .ended
        cancelOpening()
        context.deadlines.cancel(self)
        context.sampler.remove(self)
        let isOrderly = reason.isOrderly && upstream != nil && !isUnfinished
        for half in [upstream, downstream] { half?.abandon() }
        for socket in [client, origin] {
            if isOrderly { socket?.close() } else { socket?.reset() }
        }
        leaveOrigin(reason)
        let elapsed = MonotonicClock.microseconds &- acceptedAt
        context.metrics.routes[route.index].lifetimeSeconds.record(Double(elapsed) / 1e6)
        context.owner.connectionEnded(self, reason)
    }

    private func leaveOrigin(_ reason: CloseReason) {
        guard let chosenOrigin else { return }
        context.release(chosenOrigin, of: route)
        switch reason {
        // What was accepted and thrown away is as bad as what was refused. Not once the client has sent something: that may have
        // been the reason, and no client shall talk an origin out of service. One that had waited may have waited too long.
        case .originReset where !hasAnswered && !opening.wasReady && upstream?.relayedBytes == 0:
            context.note(failureOf: chosenOrigin, route: route)
        case .completed: chosenOrigin.record.noteSuccess(at: context.loop.now)
        default: break
        }
    }

    func noteRefusedOptions(_ count: Int) {
        guard count > 0 else { return }
        context.metrics.routes[route.index].socketOptionFailures += UInt64(count)
    }
}
