/// What may be sent, and when: windows, pacing, repairs first.
extension SimulatedConnection {
    /// Bytes that leave at once: TSO, as far as the pacing rate, the path's length and the windows ask for it.
    var burstUnit: Int {
        let window = min(Int(sending.window), max(edge - acknowledged, 0) / Self.segment)
        let most =
            isPaced ? min(pacedBurst / Self.segment, window / 2) : min(piece / Self.segment, window / 4)
        return max(most, 1) * Self.segment
    }

    /// A millisecond of the rate, and on a short path more: all of 64 KB below half a millisecond (`tcp_tso_autosize`).
    private var pacedBurst: Int {
        let octaves = Int(lowestDelay * 1e6) >> 9
        let most = min(pacingRate / 1024 + Double(octaves < 32 ? 65_536 >> octaves : 0), 65_536)
        return max(Int(most), 2 * Self.segment)
    }

    /// Bytes that are sent and answered as one event: the receiver answers every second segment.
    private var piece: Int { isPaced ? max(link.quantum, 2 * Self.segment) : link.quantum }

    /// Bytes per second (`tcp_update_pacing_rate`).
    var pacingRate: Double {
        guard sending.pacing == .infinity else { return min(sending.pacing, maximumPacing) }
        let gain = sending.window < sending.threshold / 2 ? 2.0 : 1.2
        return min(gain * sending.window * Double(Self.segment) / max(smoothed, 1e-6), maximumPacing)
    }

    /// Sends whatever may be sent now.
    func transmit(at now: Double) {
        var isWindowFull = false
        var isEdgeReached = false
        var hasSent = false
        let unit = burstUnit
        while true {
            let isRepair = !lost.isEmpty
            var size = isRepair ? lost.first!.count : unsent
            guard size > 0 else { break }
            if !isRepair {
                let room = edge - next
                if room < min(size, Self.segment) {
                    isEdgeReached = true
                    break
                }
                size = min(size, room)
            }
            let room = windowRoom
            // A burst that the next answer will complete waits for it (`tcp_tso_should_defer`).
            if room < min(size, Self.segment) || room < min(size, unit) && inFlight > 0 {
                isWindowFull = true
                break
            }
            if isPaced, now < nextSendTime {
                schedulePacing()
                break
            }
            send(min(size, room, unit), isRepair: isRepair, at: now)
            hasSent = true
        }
        if hasSent || isWindowFull { validateWindow(isFull: isWindowFull) }
        updateLimit(isEdgeReached: isEdgeReached, at: now)
    }

    private var windowRoom: Int {
        if let recovery, !control.isBBR { return recovery.allowance }
        return Int(sending.window) * Self.segment - inFlight
    }

    private func schedulePacing() {
        guard !hasPacingEvent else { return }
        hasPacingEvent = true
        network.events.schedule(.pacing, of: index, at: nextSendTime)
    }

    func paceOn(at now: Double) {
        hasPacingEvent = false
        transmit(at: now)
    }

    private func send(_ size: Int, isRepair: Bool, at now: Double) {
        let range: Range<Int>
        if isRepair {
            range = lost.takeFirst(size)
            retransmitted += range.count
            retransmittedSegments += (range.count + Self.segment - 1) / Self.segment
        } else {
            range = next..<next + size
            next += size
        }
        if inFlight == 0 {
            firstSent = now
            deliveredTime = now
        }
        inFlight += size
        recovery?.sent += size
        recovery?.allowance -= size
        if isPaced { spendPacing(size, at: now) }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: piece) {
            dispatch(start..<min(start + piece, range.upperBound), isRepair: isRepair, at: now)
        }
    }

    /// Time that was not used counts, up to half a burst (`tcp_update_skb_after_send`). The first window is not paced.
    private func spendPacing(_ size: Int, at now: Double) {
        guard next > 10 * Self.segment else { return }
        let length = Double(size) / max(pacingRate, 1)
        nextSendTime = max(nextSendTime, now - length / 2) + length
    }

    private func dispatch(_ range: Range<Int>, isRepair: Bool, at now: Double) {
        let passage = link.send(range.count, at: now)
        let lostStart = min(range.lowerBound + passage.firstLost * Self.segment, range.upperBound)
        let lostEnd = min(lostStart + passage.lost * Self.segment, range.upperBound)
        let half = (link.roundTrip(at: passage.departure) + extraRoundTrip) / 2
        let arrival = max(passage.departure + half + link.drawJitter(), lastArrival)
        lastArrival = arrival
        let burst = Burst(
            start: range.lowerBound,
            bytes: range.count,
            lostStart: lostStart,
            lost: lostEnd - lostStart,
            isRepair: isRepair,
            sent: now,
            arrival: arrival,
            acknowledgement: arrival + half,
            deliveredBefore: delivered,
            deliveredTime: deliveredTime,
            firstSent: firstSent,
            isAppLimited: appLimitedUntil > 0,
            echo: lastAnswer
        )
        let wasIdle = bursts.isEmpty
        let wasArriving = bursts.hasArriving
        bursts.append(burst)
        if showsArrivals, !wasArriving {
            network.events.schedule(.arrival, of: index, at: arrival)
        }
        if wasIdle { network.events.schedule(.acknowledgement, of: index, at: burst.acknowledgement) }
    }

    /// `tcp_cwnd_validate`: the window may grow only when it was the limit.
    private func validateWindow(isFull: Bool) {
        let isFull = isFull || inFlight + Self.segment > Int(sending.window) * Self.segment
        let out = (next - acknowledged) / Self.segment
        if acknowledged >= usageEnd || isFull || !isWindowLimited && out > mostInFlight {
            isWindowLimited = isFull
            mostInFlight = out
            usageEnd = next
        }
    }

    /// `tcp_is_cwnd_limited`: in slow start up to twice what was in flight.
    var mayWindowGrow: Bool {
        isWindowLimited || sending.isInSlowStart && sending.window < 2 * Double(mostInFlight)
    }

    /// `tcp_rate_check_app_limited`: the application writes when nothing was left, though there was room.
    func noteAppLimited() {
        if unsent < Self.segment, inFlight < Int(sending.window) * Self.segment, lost.isEmpty {
            appLimitedUntil = max(delivered + inFlight, 1)
        }
    }

    func updateLimit(isEdgeReached: Bool, at now: Double) {
        let new: Limit
        if unsent == 0, next == acknowledged {
            new = .none
        } else if isEdgeReached {
            new = .receiver
        } else if unsent == 0, isBlocked, limit == .sendBuffer || !isWindowLimited {
            new = .sendBuffer
        } else {
            new = .busy
        }
        if new != limit { changeLimit(to: new, at: now) }
    }

    func changeLimit(to new: Limit, at now: Double) {
        settleLimit(at: now)
        limit = new
    }

    /// Books the time since the last change.
    func settleLimit(at now: Double) {
        let passed = now - limitSince
        limitSince = now
        switch limit {
        case .none: return
        case .busy: break
        case .receiver: limitTimes.receiver += passed
        case .sendBuffer: limitTimes.sendBuffer += passed
        }
        limitTimes.busy += passed
    }
}
