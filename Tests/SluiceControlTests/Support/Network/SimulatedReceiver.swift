/// The receiving end of a simulated connection: what has arrived, what its application has read, and the window that it advertises.
///
/// The window's right edge is never pulled back. Autotuning is the kernel's (`tcp_rcv_space_adjust`): room for twice what was read
/// in the last round trip, and more while that grows. What is not read holds it back.
struct SimulatedReceiver {
    private static let segment = SimulatedLink.segment

    /// Everything before it has arrived.
    private(set) var inOrder = 0
    /// Bytes that the application has taken.
    private(set) var consumed = 0
    private(set) var edge: Int
    private(set) var peakUnread = 0
    /// Segments that came after a gap.
    private(set) var outOfOrder = 0
    /// Smoothed round-trip time from the timestamps that come back, seconds (`tcp_rcv_rtt_measure_ts`); 0: none yet.
    private(set) var roundTrip = 0.0

    private var highest = 0
    private var missing = MissingRanges()
    /// `SO_RCVBUF` and `TCP_WINDOW_CLAMP` as payload; `nil`: autotuning.
    private var fixedWindow: Int?
    private var autotuned = 64 << 10
    private let mostAutotuned: Int
    /// `rcvq_space.space`, which begins at ten segments.
    private var space = 10 * segment
    private var roundStart = 0.0
    private var consumedAtRoundStart = 0
    private var lastEcho = -1.0

    init(mostAutotuned: Int) {
        self.mostAutotuned = mostAutotuned
        edge = autotuned
    }

    var unread: Int { inOrder - consumed }
    /// What the sender may still send, as far as the receiver has told it.
    var window: Int { max(edge - inOrder, 0) }
    var limit: Int { fixedWindow ?? autotuned }

    mutating func arrive(_ burst: Burst, at now: Double) {
        if burst.lost < burst.bytes { noteEcho(burst.echo, isLarge: burst.bytes >= Self.segment, at: now) }
        let end = burst.start + burst.bytes
        let lost = burst.lostStart..<burst.lostStart + burst.lost
        if missing.first != nil { outOfOrder += (burst.bytes - burst.lost) / Self.segment }
        if burst.isRepair {
            missing.remove(burst.start..<lost.lowerBound)
            missing.remove(lost.upperBound..<end)
        } else {
            highest = end
            missing.append(lost)
        }
        inOrder = missing.first?.lowerBound ?? highest
        peakUnread = max(peakUnread, unread)
    }

    /// The application takes `bytes`.
    mutating func consume(_ bytes: Int, at now: Double) {
        consumed += bytes
        guard roundTrip > 0, now - roundStart >= roundTrip else { return }
        let copied = consumed - consumedAtRoundStart
        roundStart = now
        consumedAtRoundStart = consumed
        guard copied > space else { return }
        let wanted = 2 * copied + 16 * Self.segment
        let growth = wanted / max(space, 1) * (copied - space)
        space = copied
        guard fixedWindow == nil else { return }
        autotuned = max(autotuned, min(wanted + growth, mostAutotuned))
    }

    /// `nil`: back to autotuning, which finds room to see more use than before, as `LegActuator` gives it: four times the window,
    /// and a mebibyte at least.
    mutating func setWindow(_ bytes: Int?) {
        if bytes == nil, let fixedWindow {
            autotuned = min(max(autotuned, 4 * fixedWindow, 1 << 20), mostAutotuned)
            space = min(space, fixedWindow)
        }
        fixedWindow = bytes
    }

    /// Moves the right edge as far as there is room. Small steps wait (RFC 9293, 3.8.6.2.2).
    mutating func advanceEdge() {
        let wanted = consumed + limit
        if wanted - edge >= min(Self.segment, limit / 2) { edge = wanted }
    }

    /// Whether what was read is worth an answer of its own.
    var owesUpdate: Bool {
        let opened = consumed + limit - edge
        return opened >= max(2 * Self.segment, limit / 8) || opened >= Self.segment && opened >= window
    }

    /// Full segments only, each echo once, and no long ones while the application is behind. Timestamps count milliseconds.
    private mutating func noteEcho(_ echo: Double, isLarge: Bool, at now: Double) {
        guard echo != lastEcho else { return }
        lastEcho = echo
        guard isLarge, echo >= 0 else { return }
        let sample = ((now - echo) * 1000).rounded(.down) / 1000
        guard sample > 0 else {
            if roundTrip == 0 { roundTrip = 0.001 }
            return
        }
        if roundTrip == 0 {
            roundTrip = sample
        } else if sample < roundTrip || unread == 0 {
            roundTrip += (sample - roundTrip) / 8
        }
    }
}
