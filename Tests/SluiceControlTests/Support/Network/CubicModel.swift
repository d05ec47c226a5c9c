import Glibc

/// The part of a sender that its congestion control owns, in segments and bytes per second.
struct SendingRate {
    /// Segments.
    var window = 10.0
    /// Slow start ends here.
    var threshold = Double.infinity
    /// What the congestion control paces at; infinite: it does not.
    var pacing = Double.infinity

    var isInSlowStart: Bool { window < threshold }
}

/// CUBIC as Linux has it (net/ipv4/tcp_cubic.c): HyStart, fast convergence, the Reno-friendly region. RFC 9438.
struct CubicModel {
    private static let beta = 717.0 / 1024
    private static let scale = 0.4

    private var lastMaximum = 0.0
    private var origin = 0.0
    private var timeToOrigin = 0.0
    private var epoch = -1.0
    private var friendlyWindow = 0.0
    private var friendlyAcks = 0.0

    private var lowestDelay = Double.infinity
    private var hasFound = false
    private var roundEnd = 0
    private var roundStart = 0.0
    private var roundDelay = Double.infinity
    private var roundSamples = 0
    private var lastTrainAck = 0.0

    /// Segments were acknowledged, outside of recovery.
    /// - Parameters:
    ///   - delay: of the newest of them; `nil` when it was sent twice.
    ///   - isWindowLimited: the window was the limit when they were sent.
    mutating func acknowledge(
        _ segments: Double,
        delay: Double?,
        acknowledged: Int,
        sentUntil: Int,
        isWindowLimited: Bool,
        isPaced: Bool,
        at now: Double,
        _ sending: inout SendingRate
    ) {
        if let delay {
            lowestDelay = min(lowestDelay, delay)
            watchForQueue(delay, segments, acknowledged, sentUntil, isPaced, now, &sending)
        }
        guard isWindowLimited else { return }
        var rest = segments
        if sending.isInSlowStart {
            let grown = min(sending.window + segments, sending.threshold)
            rest -= grown - sending.window
            sending.window = grown
        }
        if rest > 0 { avoidCongestion(rest, at: now, &sending) }
    }

    mutating func lose(_ sending: inout SendingRate) {
        epoch = -1
        let window = sending.window
        lastMaximum = window < lastMaximum ? window * (1 + Self.beta) / 2 : window
        sending.threshold = max(window * Self.beta, 2)
    }

    private mutating func avoidCongestion(_ segments: Double, at now: Double, _ sending: inout SendingRate) {
        let window = sending.window
        if epoch < 0 {
            epoch = now
            friendlyWindow = window
            friendlyAcks = 0
            if lastMaximum <= window {
                timeToOrigin = 0
                origin = window
            } else {
                timeToOrigin = cbrt((lastMaximum - window) / Self.scale)
                origin = lastMaximum
            }
        }
        let time = now - epoch + lowestDelay - timeToOrigin
        let target = origin + Self.scale * time * time * time
        var acksPerSegment = target > window ? window / (target - window) : 100 * window
        if lastMaximum == 0 { acksPerSegment = min(acksPerSegment, 20) }
        // A window that Reno would have by now.
        friendlyAcks += segments
        let renoAcks = window * (1 + Self.beta) / (3 * (1 - Self.beta))
        friendlyWindow += friendlyAcks / renoAcks
        friendlyAcks = 0
        if friendlyWindow > window {
            acksPerSegment = min(acksPerSegment, window / (friendlyWindow - window))
        }
        sending.window += segments / max(acksPerSegment, 2)
    }

    /// HyStart: slow start ends when the answers of one round come as a long train, or late.
    private mutating func watchForQueue(
        _ delay: Double,
        _ segments: Double,
        _ acknowledged: Int,
        _ sentUntil: Int,
        _ isPaced: Bool,
        _ now: Double,
        _ sending: inout SendingRate
    ) {
        guard !hasFound, sending.isInSlowStart, sending.window >= 16 else { return }
        if acknowledged > roundEnd {
            roundEnd = sentUntil
            roundStart = now
            lastTrainAck = now
            roundDelay = .infinity
            roundSamples = 0
        }
        if now - lastTrainAck <= 0.002 {
            lastTrainAck = now
            hasFound = now - roundStart > lowestDelay / (isPaced ? 1 : 2)
        }
        roundDelay = min(roundDelay, delay)
        roundSamples += max(Int(segments) / 2, 1)
        if roundSamples >= 8 {
            let margin = min(max(lowestDelay / 8, 0.004), 0.016)
            if roundDelay > lowestDelay + margin { hasFound = true }
        }
        if hasFound { sending.threshold = sending.window }
    }
}
