// The core of the lab: one direction of a link as a value that is fed with arrivals and a clock. It does no I/O, reads no
// clock and draws only from its own seed, so that it can be tested to the byte and the nanosecond.

import SluiceRandom

/// One direction of a link.
///
/// A packet waits in the queue, is sent when the capacity allows, may be lost, and is due after the delay and the jitter.
/// The model works on the link's own time line: whoever calls late changes nothing about when a packet was sent, so the
/// rate is exact even when single calls are not.
///
/// Invariants: while a packet waits behind a rate, the wire is busy at least until the model's present; `waitingBytes` is
/// the sum of what waits; outcomes leave in the order of their times.
struct LinkModel {
    private var settings: DirectionSettings
    private var schedule: ChangeSchedule
    private var sender: Sender
    private var coDel: CoDel?
    private var loss: LossProcess
    private var jitter: JitterProcess
    private var generator: SplitMix64
    private let seed: UInt64

    private var waiting = Ring<Packet>(minimumCapacity: 1024)
    /// In the queue now; the packet on the wire is not.
    private(set) var waitingBytes = 0
    private var underway = Ring<InFlight>(minimumCapacity: 1024)
    private var dropped = Ring<(Packet, DropCause)>()
    private var lastDue = Int.min

    private struct InFlight {
        var packet: Packet
        var dueAt: Int
        var queueDelay: Int
    }

    /// Starts at `start`, on the caller's clock, idle and empty.
    init(_ settings: DirectionSettings, start: Int) {
        self.settings = settings
        schedule = ChangeSchedule(settings.changes, start: start)
        sender = Sender(settings.capacity, start: start)
        if case .coDel(let target, let interval) = settings.discipline {
            coDel = CoDel(target: target.nanoseconds, interval: interval.nanoseconds)
        }
        seed = settings.seed
        generator = SplitMix64(seed: seed)
        loss = LossProcess(settings.loss)
        jitter = JitterProcess(settings.jitter, seed: seed)
    }

    /// Bytes that may wait.
    var queueLimit: Int { settings.queueLimit }

    /// A packet reaches the queue. Its `arrivedAt` is not before that of the packet before it. It may be dropped at once:
    /// the next `nextFate` says so.
    mutating func arrive(_ packet: Packet) {
        advance(to: packet.arrivedAt)
        let startsAtOnce = waiting.isEmpty && sender.isIdle(at: packet.arrivedAt)
        guard startsAtOnce || waitingBytes + Int(packet.bytes) <= settings.queueLimit else {
            dropped.append((packet, .queueFull))
            return
        }
        if waiting.isEmpty { sender.queueFills(at: packet.arrivedAt) }
        waiting.append(packet)
        waitingBytes += Int(packet.bytes)
        send(until: packet.arrivedAt)
    }

    /// What has become of a packet by `now`: call again until it is nil.
    mutating func nextFate(by now: Int) -> PacketFate? {
        advance(to: now)
        if let (packet, cause) = dropped.popFirst() { return .dropped(packet, cause) }
        guard let first = underway.first, first.dueAt <= now else { return nil }
        _ = underway.popFirst()
        return .delivered(first.packet, dueAt: first.dueAt, queueDelay: first.queueDelay)
    }

    /// When to ask `nextFate` again at the latest, if no packet arrives before. Nil when nothing is on its way.
    var nextDeadline: Int? {
        if !dropped.isEmpty { return Int.min }
        // A packet that was not sent yet is due no earlier than this.
        let unsent = waiting.isEmpty && !sender.isHalfway ? nil : sender.nextStart + settings.delay
        guard let due = underway.first?.dueAt else { return unsent }
        return jitter.keepsOrder ? due : min(due, unsent ?? due)
    }

    /// From now on, changes are timed from `now`, and the settings are those of the beginning. Packets stay where they are.
    mutating func restartClock(at now: Int) {
        advance(to: now)
        settings.restore()
        schedule = ChangeSchedule(settings.changes, start: now)
        sender.change(to: settings.capacity, at: now)
        loss = LossProcess(settings.loss)
        jitter = JitterProcess(settings.jitter, seed: seed)
    }

    private mutating func advance(to now: Int) {
        while let (time, change) = schedule.next(by: now) {
            // What starts at that very moment starts with the new setting.
            send(until: time - 1)
            apply(change, at: time)
        }
        send(until: now)
    }

    private mutating func apply(_ change: DirectionChange, at time: Int) {
        settings.apply(change)
        switch change {
        case .capacity: sender.change(to: settings.capacity, at: time)
        case .loss: loss = LossProcess(settings.loss)
        case .jitter: jitter = JitterProcess(settings.jitter, seed: seed)
        case .delay, .queueLimit: break
        }
    }

    /// Sends whatever the capacity allows up to and at `time`.
    private mutating func send(until time: Int) {
        while let start = sender.start(by: time, queueIsEmpty: waiting.isEmpty) {
            if sender.isHalfway {
                finish(sender.resume(at: start))
            } else if let packet = takeFirst(at: start) {
                finish(sender.begin(packet, queueDelay: start - packet.arrivedAt, at: start))
            }
        }
    }

    /// The packet to send next, after those that CoDel drops in front of it.
    private mutating func takeFirst(at now: Int) -> Packet? {
        var isFirst = true
        while let packet = waiting.popFirst() {
            waitingBytes -= Int(packet.bytes)
            let sojourn = now - packet.arrivedAt
            let drops =
                coDel?.shouldDrop(
                    sojourn: sojourn,
                    queuedBytes: waitingBytes,
                    now: now,
                    isFirst: isFirst
                ) ?? false
            if !drops { return packet }
            dropped.append((packet, .coDel))
            isFirst = false
        }
        coDel?.queueEmptied()
        return nil
    }

    /// The packet's last byte is on the wire.
    private mutating func finish(_ sent: Sender.Sent?) {
        guard let sent else { return }
        if loss.losesNext(&generator) {
            dropped.append((sent.packet, .loss))
            return
        }
        var due = sent.endedAt + settings.delay + jitter.extraDelay(at: sent.endedAt, &generator)
        if jitter.keepsOrder {
            // A delay that shrinks would let a packet overtake the one before it.
            due = max(due, lastDue)
            lastDue = due
        }
        let inFlight = InFlight(packet: sent.packet, dueAt: due, queueDelay: sent.queueDelay)
        underway.insertSorted(inFlight) { $0.dueAt > $1.dueAt }
    }
}
