// What a link says about itself.

/// How a delay was spread, in milliseconds; all zero when there was none to count. Percentiles are exact to 3 % or a
/// microsecond; minimum and maximum are exact.
public struct DelaySummary: Sendable, Hashable, Codable {
    /// Above zero for the delay in a queue: the queue was never empty, and the link busy throughout.
    public var minimumMilliseconds: Double
    public var p50Milliseconds: Double
    public var p90Milliseconds: Double
    public var p99Milliseconds: Double
    public var maximumMilliseconds: Double
}

/// Packets that did not arrive, by cause.
public struct DropCounts: Sendable, Hashable, Codable {
    public var queueFull = 0
    public var coDel = 0
    public var loss = 0
    /// The emulator's own: not part of the link. Where it is not 0, the machine was too slow for the link.
    public var emulator = 0

    public var total: Int { queueFull + coDel + loss + emulator }

    mutating func count(_ cause: DropCause) {
        switch cause {
        case .queueFull: queueFull += 1
        case .coDel: coDel += 1
        case .loss: loss += 1
        case .emulator: emulator += 1
        }
    }
}

/// One direction of a link over some time. Bytes are those of IP packets.
public struct DirectionStatistics: Sendable, Hashable, Codable {
    /// How long was counted.
    public var seconds: Double
    /// Packets that the sending host gave to the link.
    public var arrivedPackets = 0
    public var arrivedBytes = 0
    public var deliveredPackets = 0
    public var deliveredBytes = 0
    public var dropped = DropCounts()
    /// How long delivered packets waited in the queue.
    public var queueDelay: DelaySummary
    public var maximumQueuedBytes = 0
    /// How much later than due the emulator delivered: its own error, to be subtracted from nothing.
    public var lateness: DelaySummary

    public var deliveredBitsPerSecond: Double { seconds > 0 ? Double(deliveredBytes) * 8 / seconds : 0 }
}

/// A direction's total and its seconds; the last, unfinished second is only in the total.
public struct DirectionReport: Sendable, Hashable, Codable {
    public var total: DirectionStatistics
    public var perSecond: [DirectionStatistics]
}

/// What a link did since it was started or its clock restarted.
public struct LinkStatistics: Sendable, Hashable, Codable {
    public var up: DirectionReport
    public var down: DirectionReport
    /// Of the emulator's thread. The kernel does the receiving hosts' work in it too, as far as interrupts do on real ones.
    public var cpuSeconds: Double

    public subscript(direction: LinkDirection) -> DirectionReport { direction == .up ? up : down }
}
