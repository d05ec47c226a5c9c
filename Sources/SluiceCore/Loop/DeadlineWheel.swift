/// Something with at most one deadline at a time.
///
/// The links belong to the wheel. A scheduled entry is kept alive by its owner, who cancels it before letting go.
class DeadlineEntry {
    fileprivate unowned(unsafe) var previous: DeadlineEntry?
    fileprivate unowned(unsafe) var next: DeadlineEntry?
    /// Slot index while scheduled, or -1.
    fileprivate var slot: Int32 = -1
    fileprivate var deadline: UInt64 = 0

    final var isScheduled: Bool { slot >= 0 }

    /// At or after the deadline. The entry is no longer scheduled when this is called.
    func deadlineReached(now: UInt64) {
        preconditionFailure("a DeadlineEntry's subclass says what its deadline means")
    }
}

/// Deadlines of many entries in O(1) each: a hashed timing wheel (Varghese and Lauck, 1987).
///
/// Timeouts of connections are almost never reached, and are put off by every byte; so an entry is not moved when
/// traffic flows: it fires, sees that it was put off, and schedules itself anew.
///
/// Invariant: every scheduled entry stands in the slot of its deadline's tick, or before that where the tick was more than a turn
/// away: then it is moved on when its slot's turn comes.
/// Times are milliseconds of the loop's clock. Thread: its loop's.
final class DeadlineWheel {
    static let tickMilliseconds: UInt64 = 50
    private static let slotCount = 1024
    /// What one turn of the wheel spans.
    static let horizonMilliseconds = tickMilliseconds * UInt64(slotCount - 1)

    /// First entry of each slot's list.
    private var slots: [Unmanaged<DeadlineEntry>?]
    /// The tick up to which slots were emptied.
    private var tick: UInt64

    init(now: UInt64) {
        slots = Array(repeating: nil, count: Self.slotCount)
        tick = now / Self.tickMilliseconds
    }

    /// Schedules, or schedules anew.
    func schedule(_ entry: DeadlineEntry, at deadline: UInt64) {
        cancel(entry)
        // Rounded up, so that nothing fires before its time; at least one tick ahead, so that it fires at all.
        let wanted = max(tick + 1, (deadline + Self.tickMilliseconds - 1) / Self.tickMilliseconds)
        let slot = Int(min(wanted, tick + UInt64(Self.slotCount - 1)) % UInt64(Self.slotCount))
        let head = slots[slot]?.takeUnretainedValue()
        entry.slot = Int32(slot)
        entry.deadline = deadline
        entry.previous = nil
        entry.next = head
        head?.previous = entry
        slots[slot] = Unmanaged.passUnretained(entry)
    }

    func cancel(_ entry: DeadlineEntry) {
        guard entry.isScheduled else { return }
        if let previous = entry.previous {
            previous.next = entry.next
        } else {
            slots[Int(entry.slot)] = entry.next.map { Unmanaged.passUnretained($0) }
        }
        entry.next?.previous = entry.previous
        entry.previous = nil
        entry.next = nil
        entry.slot = -1
    }

    /// Fires every entry whose deadline has come. An entry may schedule or cancel itself and others meanwhile.
    func advance(to now: UInt64) {
        let target = now / Self.tickMilliseconds
        while tick < target {
            // After a long stall, one turn of the wheel has visited every slot.
            if target - tick > UInt64(Self.slotCount) { tick = target - UInt64(Self.slotCount) }
            tick += 1
            let slot = Int(tick % UInt64(Self.slotCount))
            while let entry = slots[slot]?.takeUnretainedValue() {
                cancel(entry)
                if now < entry.deadline {
                    schedule(entry, at: entry.deadline)
                } else {
                    entry.deadlineReached(now: now)
                }
            }
        }
    }
}
