/// Bytes that were sent at once, and what is to become of them.
struct Burst {
    /// Position in the stream.
    var start: Int
    var bytes: Int
    /// The part that never arrives.
    var lostStart: Int
    var lost: Int
    var isRepair: Bool
    var sent: Double
    var arrival: Double
    var acknowledgement: Double
    /// State of the sender when it was sent, for the rate of delivery (net/ipv4/tcp_rate.c).
    var deliveredBefore: Int
    var deliveredTime: Double
    var firstSent: Double
    var isAppLimited: Bool
    /// When the receiver sent the newest answer that the sender had by then: the timestamp that comes back.
    var echo: Double
    /// The receiver's answer: everything before it is there, and the right edge of its window.
    var acknowledged = 0
    var edge = 0
}

/// The bursts of one connection, in the order in which they were sent, arrive, and are acknowledged.
///
/// A ring in plain memory, for the reason that `EventQueue` gives.
final class BurstQueue {
    private var storage: UnsafeMutablePointer<Burst>
    private var mask: Int
    /// Running numbers of the next burst to be acknowledged, to arrive, and to be sent.
    private(set) var nextAcknowledgement = 0
    private(set) var nextArrival = 0
    private(set) var nextSent = 0

    init() {
        storage = .allocate(capacity: 64)
        mask = 63
    }

    deinit {
        storage.deallocate()
    }

    var isEmpty: Bool { nextAcknowledgement == nextSent }
    var hasArriving: Bool { nextArrival < nextSent }

    /// The next burst that arrives. There must be one.
    var arriving: Burst {
        get { storage[nextArrival & mask] }
        set { storage[nextArrival & mask] = newValue }
    }

    /// The next burst that is acknowledged. There must be one.
    var acknowledged: Burst { storage[nextAcknowledgement & mask] }

    func append(_ burst: Burst) {
        if nextSent - nextAcknowledgement > mask { grow() }
        storage[nextSent & mask] = burst
        nextSent += 1
    }

    /// Bytes of all that are not acknowledged.
    var bytes: Int { (nextAcknowledgement..<nextSent).reduce(0) { $0 + storage[$1 & mask].bytes } }

    func noteArrived() { nextArrival += 1 }

    func noteAcknowledged() { nextAcknowledgement += 1 }

    private func grow() {
        let larger = UnsafeMutablePointer<Burst>.allocate(capacity: (mask + 1) * 2)
        let newMask = mask * 2 + 1
        for number in nextAcknowledgement..<nextSent { larger[number & newMask] = storage[number & mask] }
        storage.deallocate()
        storage = larger
        mask = newMask
    }
}

/// What is missing of a stream: ranges in order.
struct MissingRanges {
    private(set) var ranges: [Range<Int>] = []

    var first: Range<Int>? { ranges.first }
    var isEmpty: Bool { ranges.isEmpty }

    mutating func append(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        var index = ranges.count
        while index > 0, ranges[index - 1].lowerBound > range.lowerBound { index -= 1 }
        ranges.insert(range, at: index)
    }

    /// Takes at most `bytes` from the first range.
    mutating func takeFirst(_ bytes: Int) -> Range<Int> {
        let range = ranges[0]
        let end = min(range.lowerBound + bytes, range.upperBound)
        if end == range.upperBound {
            ranges.removeFirst()
        } else {
            ranges[0] = end..<range.upperBound
        }
        return range.lowerBound..<end
    }

    /// `filled` is there now; it lies within one of the ranges.
    mutating func remove(_ filled: Range<Int>) {
        guard !filled.isEmpty, let index = ranges.firstIndex(where: { $0.upperBound > filled.lowerBound })
        else { return }
        let range = ranges[index]
        let before = range.lowerBound..<filled.lowerBound
        let after = filled.upperBound..<range.upperBound
        switch (before.isEmpty, after.isEmpty) {
        case (true, true): ranges.remove(at: index)
        case (true, false): ranges[index] = after
        case (false, true): ranges[index] = before
        case (false, false):
            ranges[index] = before
            ranges.insert(after, at: index + 1)
        }
    }
}
