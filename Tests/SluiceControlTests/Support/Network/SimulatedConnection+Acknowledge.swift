/// What comes back: arrivals at the receiver, its answers, losses, and what the congestion control makes of them.
extension SimulatedConnection {
    /// The next burst reaches the receiver.
    func arrive(at now: Double) {
        var burst = bursts.arriving
        receiver.arrive(burst, at: now)
        if !showsArrivals { read(receiver.unread, at: now) }
        receiver.advanceEdge()
        burst.acknowledged = receiver.inOrder
        burst.edge = receiver.edge
        bursts.arriving = burst
        bursts.noteArrived()
        guard showsArrivals else { return }
        if bursts.hasArriving { network.events.schedule(.arrival, of: index, at: bursts.arriving.arrival) }
        wakeReader(at: now)
    }

    /// The application takes bytes; a window that has opened is told at once.
    func read(_ bytes: Int, at now: Double) {
        receiver.consume(bytes, at: now)
        if !isAgeWriter { age?.noteRead(receiver.consumed, at: now) }
    }

    func tellWindow(at now: Double) {
        guard receiver.owesUpdate else { return }
        receiver.advanceEdge()
        let arrival = now + (link.roundTrip(at: now) + extraRoundTrip) / 2
        network.events.schedule(.windowUpdate, of: index, at: arrival, value: Double(receiver.edge))
    }

    func openWindow(to newEdge: Int, at now: Double) {
        guard newEdge > edge else { return }
        edge = newEdge
        transmit(at: now)
    }

    /// The answer to the next burst reaches the sender.
    func acknowledge(at now: Double) {
        if !showsArrivals { arrive(at: bursts.arriving.arrival) }
        let burst = bursts.acknowledged
        bursts.noteAcknowledged()
        if !bursts.isEmpty {
            network.events.schedule(.acknowledgement, of: index, at: bursts.acknowledged.acknowledgement)
        }
        if burst.lost > 0 {
            suspected.append(burst.lostStart..<burst.lostStart + burst.lost)
            suspectedBytes += burst.lost
        }
        let arrived = burst.bytes - burst.lost
        if arrived > 0 {
            process(burst, arrived: arrived, at: now)
        }
        if bursts.isEmpty, !suspected.isEmpty { armProbe(at: now) }
    }

    private func process(_ burst: Burst, arrived: Int, at now: Double) {
        lastAnswer = burst.arrival
        acknowledged = max(acknowledged, burst.acknowledged)
        edge = max(edge, burst.edge)
        let inFlightBefore = inFlight
        inFlight -= arrived
        delivered += arrived
        deliveredTime = now
        let delay = burst.isRepair ? nil : now - burst.sent
        if let delay { noteDelay(delay) }
        let newlyLost = suspectedBytes
        markLost()
        if newlyLost > 0 { enterRecovery() }
        let sampled = sampleRate(burst, at: now)
        control(
            burst,
            arrived: arrived,
            delay: delay,
            inFlightBefore: inFlightBefore,
            newlyLost: newlyLost,
            rate: sampled,
            at: now
        )
        if appLimitedUntil > 0, delivered > appLimitedUntil { appLimitedUntil = 0 }
        transmit(at: now)
        checkSpace(at: now)
        if !isBlocked { network.noteWritable(self, at: now) }
    }

    private func noteDelay(_ delay: Double) {
        lowestDelay = min(lowestDelay, delay)
        variation += (abs(delay - smoothed) - variation) / 4
        smoothed += (delay - smoothed) / 8
    }

    private func markLost() {
        guard !suspected.isEmpty else { return }
        for range in suspected { lost.append(range) }
        inFlight -= suspectedBytes
        suspected.removeAll(keepingCapacity: true)
        suspectedBytes = 0
    }

    private func enterRecovery() {
        guard recovery == nil else { return }
        let before = sending.window
        switch control {
        case .cubic(var model):
            model.lose(&sending)
            control = .cubic(model)
        case .bbr(var model):
            model.lose(windowBefore: before)
            control = .bbr(model)
        }
        recovery = Recovery(end: next, windowBefore: before)
    }

    /// Rate of delivery between this burst's sending and now (`tcp_rate_gen`), bytes per second.
    private func sampleRate(_ burst: Burst, at now: Double) -> Double? {
        firstSent = burst.sent
        let interval = max(burst.sent - burst.firstSent, now - burst.deliveredTime)
        guard interval >= lowestDelay else { return nil }
        let bytes = delivered - burst.deliveredBefore
        let isFaster = Double(bytes) * rate.interval >= Double(rate.bytes) * interval
        if !burst.isAppLimited || isFaster { rate = (bytes, interval, burst.isAppLimited) }
        return Double(bytes) / interval
    }

    private func control(
        _ burst: Burst,
        arrived: Int,
        delay: Double?,
        inFlightBefore: Int,
        newlyLost: Int,
        rate: Double?,
        at now: Double
    ) {
        let segments = Double(arrived) / Double(Self.segment)
        let wasRecovering = recovery != nil
        if let recovery, acknowledged >= recovery.end, lost.isEmpty { endRecovery() }
        switch control {
        case .cubic(var model):
            if recovery != nil {
                reduce(delivered: arrived)
            } else if !wasRecovering {
                model.acknowledge(
                    segments,
                    delay: delay,
                    acknowledged: acknowledged,
                    sentUntil: next,
                    isWindowLimited: mayWindowGrow,
                    isPaced: isPaced,
                    at: now,
                    &sending
                )
                control = .cubic(model)
            }
        case .bbr(var model):
            let ack = BBRModel.Acknowledgement(
                segments: segments,
                delay: delay,
                deliveredBefore: burst.deliveredBefore,
                delivered: delivered,
                rate: rate,
                isAppLimited: burst.isAppLimited,
                inFlight: Double(inFlight) / Double(Self.segment),
                inFlightBefore: Double(inFlightBefore) / Double(Self.segment),
                isRecovering: recovery != nil,
                lost: Double(newlyLost) / Double(Self.segment),
                now: now
            )
            model.acknowledge(ack, &sending)
            if model.isProbingDelay { appLimitedUntil = delivered + inFlight }
            control = .bbr(model)
        }
    }

    private func endRecovery() {
        recovery = nil
        if !control.isBBR { sending.window = max(sending.threshold, 2) }
    }

    /// `tcp_cwnd_reduction`: as much less is sent than before as the window shrinks.
    private func reduce(delivered: Int) {
        recovery!.delivered += delivered
        let target = Int(sending.threshold) * Self.segment
        var allowance: Int
        if inFlight > target {
            let share = sending.threshold / max(recovery!.windowBefore, 1)
            allowance = Int(Double(recovery!.delivered) * share) - recovery!.sent
        } else {
            let owed = max(recovery!.delivered - recovery!.sent, delivered) + Self.segment
            allowance = min(target - inFlight, owed)
        }
        if recovery!.sent == 0 { allowance = max(allowance, Self.segment) }
        recovery!.allowance = max(allowance, 0)
        sending.window = max(Double(inFlight + recovery!.allowance) / Double(Self.segment), 1)
    }

    /// Nothing is on its way that could show the loss: a probe will (RFC 8985, 7).
    private func armProbe(at now: Double) {
        let time = now + max(smoothed, 0.010)
        probeTimeout = time
        network.events.schedule(.probeTimeout, of: index, at: time)
    }

    func probe(at now: Double) {
        guard now >= probeTimeout, bursts.isEmpty, !suspected.isEmpty else { return }
        probeTimeout = .infinity
        markLost()
        enterRecovery()
        recovery?.allowance = 2 * Self.segment
        transmit(at: now)
    }

    /// The receiving application has something to read.
    private func wakeReader(at now: Double) {
        if readerRate == nil { return network.noteReadable(self, at: now) }
        guard !hasReadingEvent, receiver.unread > 0 else { return }
        hasReadingEvent = true
        network.events.schedule(.reading, of: index, at: now + Self.readingInterval)
    }

    static let readingInterval = 0.004

    /// A slow reader takes what its rate allows.
    func readSlowly(at now: Double) {
        hasReadingEvent = false
        let share = readerRate! == .infinity ? receiver.unread : Int(readerRate! * Self.readingInterval)
        read(min(receiver.unread, share), at: now)
        tellWindow(at: now)
        wakeReader(at: now)
    }
}
