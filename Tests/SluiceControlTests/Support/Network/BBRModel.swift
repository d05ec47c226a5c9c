import SluiceRandom

/// BBR version 1 as Linux has it (net/ipv4/tcp_bbr.c), without its policer detection and its compensation for aggregated ACKs.
struct BBRModel {
    private enum Mode { case startup, drain, probeBandwidth, probeRTT }

    private static let highGain = 2.885
    private static let leastWindow = 4.0

    /// Highest rates of the last ten rounds, bytes per second.
    private var rates: RoundMaximum
    private var mode = Mode.startup
    private var pacingGain = highGain
    private var windowGain = highGain
    private var phase = 0
    private var phaseStart = 0.0

    private var lowestDelay: Double
    private var lowestDelayTime: Double
    private var probeEnd: Double?
    private var windowBefore = 0.0

    private var round = 0
    private var roundEnd = 0
    private var fullRate = 0.0
    private var roundsWithoutGrowth = 0
    private var isFull = false
    private var isConserving = false
    private var isEnteringRecovery = false
    private var wasRecovering = false

    /// - Parameters:
    ///   - delay: smoothed round-trip time so far, seconds.
    ///   - seed: which phase of the cycle is the first.
    init(delay: Double, lowestDelay: Double, at now: Double, seed: UInt64, _ sending: inout SendingRate) {
        var random = SplitMix64(seed: seed)
        phase = random.next(below: 7)
        rates = RoundMaximum()
        self.lowestDelay = lowestDelay
        lowestDelayTime = now
        sending.threshold = .infinity
        sending.pacing = Self.highGain * sending.window * Double(SimulatedLink.segment) / max(delay, 1e-3)
    }

    struct Acknowledgement {
        var segments: Double
        var delay: Double?
        /// Bytes delivered when this was sent, and until now.
        var deliveredBefore: Int
        var delivered: Int
        /// Bytes per second; `nil`: no valid sample.
        var rate: Double?
        var isAppLimited: Bool
        /// Segments in flight, after and before.
        var inFlight: Double
        var inFlightBefore: Double
        var isRecovering: Bool
        var lost: Double
        var now: Double
    }

    mutating func acknowledge(_ ack: Acknowledgement, _ sending: inout SendingRate) {
        let isRoundStart = ack.deliveredBefore >= roundEnd
        if isRoundStart {
            roundEnd = ack.delivered
            round += 1
            isConserving = false
        }
        if let rate = ack.rate, !ack.isAppLimited || rate >= rates.best { rates.insert(rate, round: round) }
        advanceCycle(ack)
        if isRoundStart, !ack.isAppLimited { checkFull() }
        checkDrain(ack)
        probeDelay(ack, &sending)
        setPacing(&sending)
        setWindow(ack, &sending)
    }

    /// Its small window is no sign of the path: what is sent now counts as limited by the application.
    var isProbingDelay: Bool { mode == .probeRTT }

    /// Packet conservation for one round.
    mutating func lose(windowBefore window: Double) {
        save(window)
        isEnteringRecovery = true
    }

    /// `bbr_save_cwnd`: what to return to.
    private mutating func save(_ window: Double) {
        windowBefore = wasRecovering || mode == .probeRTT ? max(windowBefore, window) : window
    }

    private func product(_ gain: Double) -> Double {
        gain * rates.best * lowestDelay / Double(SimulatedLink.segment)
    }

    private mutating func advanceCycle(_ ack: Acknowledgement) {
        guard mode == .probeBandwidth else { return }
        let isOver = ack.now - phaseStart > lowestDelay
        let isNext: Bool
        if pacingGain > 1 {
            isNext = isOver && (ack.lost > 0 || ack.inFlightBefore >= product(pacingGain))
        } else if pacingGain < 1 {
            isNext = isOver || ack.inFlightBefore <= product(1)
        } else {
            isNext = isOver
        }
        guard isNext else { return }
        phase = (phase + 1) % 8
        phaseStart = ack.now
        setCycleGain()
    }

    private mutating func setCycleGain() {
        pacingGain = phase == 0 ? 1.25 : phase == 1 ? 0.75 : 1
    }

    private mutating func checkFull() {
        guard !isFull else { return }
        if rates.best >= fullRate * 1.25 {
            fullRate = rates.best
            roundsWithoutGrowth = 0
            return
        }
        roundsWithoutGrowth += 1
        isFull = roundsWithoutGrowth >= 3
    }

    private mutating func checkDrain(_ ack: Acknowledgement) {
        if mode == .startup, isFull {
            mode = .drain
            pacingGain = 1 / Self.highGain
            windowGain = Self.highGain
        }
        if mode == .drain, ack.inFlight <= product(1) { enterProbeBandwidth(ack.now) }
    }

    private mutating func enterProbeBandwidth(_ now: Double) {
        mode = .probeBandwidth
        windowGain = 2
        // Any phase but the draining one.
        if phase == 1 { phase = 2 }
        phaseStart = now
        setCycleGain()
    }

    private mutating func probeDelay(_ ack: Acknowledgement, _ sending: inout SendingRate) {
        let isExpired = ack.now > lowestDelayTime + 10
        if let delay = ack.delay, delay < lowestDelay || isExpired {
            lowestDelay = delay
            lowestDelayTime = ack.now
        }
        if isExpired, mode != .probeRTT {
            save(sending.window)
            mode = .probeRTT
            pacingGain = 1
            windowGain = 1
            probeEnd = nil
        }
        guard mode == .probeRTT else { return }
        if probeEnd == nil, ack.inFlight <= Self.leastWindow {
            probeEnd = ack.now + max(0.2, lowestDelay)
        }
        if let probeEnd, ack.now > probeEnd {
            lowestDelayTime = ack.now
            sending.window = max(sending.window, windowBefore)
            if isFull {
                enterProbeBandwidth(ack.now)
            } else {
                mode = .startup
                pacingGain = Self.highGain
                windowGain = Self.highGain
            }
        }
    }

    private mutating func setPacing(_ sending: inout SendingRate) {
        // One per cent less, so that no queue stays.
        let rate = pacingGain * rates.best * 0.99
        if isFull || rate > sending.pacing { sending.pacing = rate }
    }

    private mutating func setWindow(_ ack: Acknowledgement, _ sending: inout SendingRate) {
        var target = max(product(windowGain), Self.leastWindow) + 3 * Self.quantum(sending.pacing)
        // An even number, and room to probe.
        if phase == 0, mode == .probeBandwidth { target += 2 }
        if ack.lost > 0 { sending.window = max(sending.window - ack.lost, 1) }
        if isEnteringRecovery {
            isEnteringRecovery = false
            isConserving = true
            roundEnd = ack.delivered
            sending.window = ack.inFlight + ack.segments
        } else if isConserving {
            sending.window = max(sending.window, ack.inFlight + ack.segments)
        } else if wasRecovering, !ack.isRecovering {
            sending.window = max(sending.window, windowBefore)
        }
        wasRecovering = ack.isRecovering
        if !isConserving {
            if isFull {
                sending.window = min(sending.window + ack.segments, target)
            } else if sending.window < target || ack.delivered < 10 * SimulatedLink.segment {
                sending.window += ack.segments
            }
        }
        sending.window = max(sending.window, Self.leastWindow)
        if mode == .probeRTT { sending.window = min(sending.window, Self.leastWindow) }
    }

    /// Segments that leave at once.
    private static func quantum(_ pacing: Double) -> Double {
        min(max(pacing / 1024 / Double(SimulatedLink.segment), 2), 44)
    }
}

/// The highest value of the last ten rounds: three candidates, as lib/win_minmax.c keeps them.
struct RoundMaximum {
    private static let window = 10
    private var values = (0.0, 0.0, 0.0)
    private var rounds = (0, 0, 0)

    var best: Double { values.0 }

    mutating func insert(_ value: Double, round: Int) {
        if value >= values.0 || round - rounds.2 > Self.window {
            values = (value, value, value)
            rounds = (round, round, round)
            return
        }
        if value >= values.1 {
            values.1 = value
            values.2 = value
            rounds.1 = round
            rounds.2 = round
        } else if value >= values.2 {
            values.2 = value
            rounds.2 = round
        }
        age(value, round)
    }

    private mutating func age(_ value: Double, _ round: Int) {
        let passed = round - rounds.0
        if passed > Self.window {
            values = (values.1, values.2, value)
            rounds = (rounds.1, rounds.2, round)
            if round - rounds.0 > Self.window {
                values = (values.1, values.2, value)
                rounds = (rounds.1, rounds.2, round)
            }
        } else if rounds.1 == rounds.0, passed > Self.window / 4 {
            values.1 = value
            values.2 = value
            rounds.1 = round
            rounds.2 = round
        } else if rounds.2 == rounds.1, passed > Self.window / 2 {
            values.2 = value
            rounds.2 = round
        }
    }
}
