/// Puts packets on the wire at the link's capacity: says when the next one may start, and when its last byte has left.
struct Sender {
    /// A packet whose last byte has left.
    struct Sent {
        var packet: Packet
        var queueDelay: Int
        var endedAt: Int
    }

    private enum Pace {
        case unlimited
        case rate(Int)
        case trace(TraceClock)
    }

    private var pace: Pace
    /// When the packet on the wire is through. Not for a trace.
    private var freeAt: Int
    /// Bit-nanoseconds that integer division left over: without them, a rate would drift by a nanosecond a packet.
    private var carry = 0
    /// The packet that a trace has sent in part, and how many of its bytes are left.
    private var partial: (packet: Packet, queueDelay: Int, bytes: Int)?
    /// Bytes left of the trace's present opportunity.
    private var opportunity: (time: Int, bytes: Int)?

    init(_ capacity: ResolvedCapacity, start: Int) {
        freeAt = start
        switch capacity {
        case .unlimited: pace = .unlimited
        case .bitsPerSecond(let rate): pace = .rate(rate)
        case .trace(let trace): pace = .trace(TraceClock(trace, start: start))
        }
    }

    /// A packet is on the wire that needs another opportunity.
    var isHalfway: Bool { partial != nil }

    /// Whether a packet that arrives at `now` need not wait.
    func isIdle(at now: Int) -> Bool {
        if case .trace = pace { false } else { freeAt <= now }
    }

    /// When the next packet can start, if one waits.
    var nextStart: Int {
        if case .trace(let clock) = pace { clock.next } else { freeAt }
    }

    /// The first packet after an empty queue arrives at `now`: the wire was idle, and opportunities have passed.
    mutating func queueFills(at now: Int) {
        guard case .trace(var clock) = pace else {
            freeAt = max(freeAt, now)
            return
        }
        guard partial == nil else { return }
        opportunity = nil
        clock.skip(through: now)
        pace = .trace(clock)
    }

    /// When the next packet starts, or the one on the wire goes on, if that is by `time`.
    mutating func start(by time: Int, queueIsEmpty: Bool) -> Int? {
        if queueIsEmpty, partial == nil { return nil }
        guard case .trace(var clock) = pace else { return freeAt <= time ? freeAt : nil }
        if let opportunity, opportunity.bytes > 0 { return opportunity.time }
        let next = clock.next
        guard next <= time else { return nil }
        opportunity = (next, DeliveryTrace.opportunityBytes)
        clock.advance()
        pace = .trace(clock)
        return next
    }

    /// Nil when the packet has to wait for another opportunity to be through.
    mutating func begin(_ packet: Packet, queueDelay: Int, at start: Int) -> Sent? {
        switch pace {
        case .unlimited:
            return Sent(packet: packet, queueDelay: queueDelay, endedAt: start)
        case .rate(let rate):
            let (time, rest) = (Int(packet.bytes) * 8_000_000_000 + carry).quotientAndRemainder(
                dividingBy: rate
            )
            carry = rest
            freeAt = start + time
            return Sent(packet: packet, queueDelay: queueDelay, endedAt: freeAt)
        case .trace:
            partial = (packet, queueDelay, Int(packet.bytes))
            return resume(at: start)
        }
    }

    /// Spends the present opportunity on the packet that is halfway through.
    mutating func resume(at start: Int) -> Sent? {
        guard let (packet, queueDelay, bytesLeft) = partial, let present = opportunity else { return nil }
        let bytes = min(bytesLeft, present.bytes)
        opportunity = (present.time, present.bytes - bytes)
        if bytes < bytesLeft {
            partial = (packet, queueDelay, bytesLeft - bytes)
            return nil
        }
        partial = nil
        return Sent(packet: packet, queueDelay: queueDelay, endedAt: start)
    }

    /// From the next packet on. A trace stays a trace.
    mutating func change(to capacity: ResolvedCapacity, at now: Int) {
        switch capacity {
        case .unlimited:
            pace = .unlimited
            freeAt = max(freeAt, now)
        case .bitsPerSecond(let rate):
            pace = .rate(rate)
            freeAt = max(freeAt, now)
            carry = 0
        case .trace: break
        }
    }
}
