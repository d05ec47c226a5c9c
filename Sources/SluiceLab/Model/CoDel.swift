/// CoDel, controlled delay: RFC 8289, section 5. Decides at the head of the queue, when a packet leaves it.
///
/// This is the RFC's state machine without its queue: the caller asks about one packet after the other, and drops those
/// that it is told to.
struct CoDel {
    private let target: Int
    private let interval: Int
    /// When the sojourn time will have been above the target for an interval; 0 while it is below.
    private var firstAboveTime = 0
    private var dropNext = 0
    private var count = 0
    private var lastCount = 0
    private var isDropping = false
    /// Set while packets are dropped one after the other within one transmission's turn.
    private var justEntered = false

    /// A queue of no more than this never counts as a standing one.
    static let maximumPacket = 1500

    /// Both in nanoseconds.
    init(target: Int, interval: Int) {
        self.target = target
        self.interval = interval
    }

    /// Whether to drop the packet at the head, which has waited for `sojourn`.
    ///
    /// - Parameters:
    ///   - queuedBytes: what stays in the queue behind it.
    ///   - isFirst: it is the first packet that is asked about for this transmission.
    mutating func shouldDrop(sojourn: Int, queuedBytes: Int, now: Int, isFirst: Bool) -> Bool {
        let standsTooLong = judge(sojourn: sojourn, queuedBytes: queuedBytes, now: now)
        if isFirst { justEntered = false }
        if justEntered { return false }
        if isDropping {
            guard standsTooLong else {
                isDropping = false
                return false
            }
            // The next drop's time is set only once the packet after the dropped one was seen to stand too long as well.
            if !isFirst { dropNext = controlLaw(from: dropNext) }
            guard now >= dropNext else { return false }
            count += 1
            return true
        }
        guard isFirst, standsTooLong else { return false }
        enterDropping(now)
        return true
    }

    /// The queue ran empty.
    mutating func queueEmptied() {
        firstAboveTime = 0
        isDropping = false
    }

    private mutating func judge(sojourn: Int, queuedBytes: Int, now: Int) -> Bool {
        if sojourn < target || queuedBytes <= Self.maximumPacket {
            firstAboveTime = 0
            return false
        }
        if firstAboveTime == 0 {
            firstAboveTime = now + interval
            return false
        }
        return now >= firstAboveTime
    }

    /// Starts with the drop rate that held the queue last time, if that was a short while ago.
    private mutating func enterDropping(_ now: Int) {
        isDropping = true
        justEntered = true
        let delta = count - lastCount
        count = delta > 1 && now - dropNext < 16 * interval ? delta : 1
        dropNext = controlLaw(from: now)
        lastCount = count
    }

    private func controlLaw(from time: Int) -> Int {
        time + Int(Double(interval) / Double(count).squareRoot())
    }
}
