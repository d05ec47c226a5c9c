/// What happened on one sending socket between two successive samples. `nil`: this kernel does not say.
public struct Evidence: Sendable, Hashable {
    /// Microseconds between the two samples.
    public var interval: UInt64
    /// Bytes that the peer acknowledged in the interval.
    public var acknowledged: UInt64?
    /// Bytes that arrived in the interval, in order or not: about, since segments are counted.
    public var delivered: Double?
    /// Bytes that were sent again in the interval.
    public var retransmitted: UInt64?
    /// Share of the interval with data outstanding, 0...1.
    public var busyShare: Float?
    /// Share of the interval in which the peer's window was the limit, 0...1.
    public var receiverLimitedShare: Float?
    /// Share of the interval in which the send buffer was the limit, 0...1.
    public var sendBufferLimitedShare: Float?
    /// Whether the kernel holds more than a segment that it has not sent yet, at the interval's end.
    public var hasUnsent: Bool?
    /// Whether the newest delivery-rate sample was taken while the kernel had run out of data to send.
    public var ranDry: Bool?

    /// Whether the congestion window had room for as much again as was in flight, at the interval's end.
    public var hasRoom: Bool?

    public init(interval: UInt64) {
        self.interval = interval
    }

    /// Share of an interval from which a limit is *the* limit: the counters of a healthy bulk flow move a
    /// little, too.
    static let limitShare: Float = 1 / 8

    /// Whether the peer's window held the socket back.
    public var isReceiverLimited: Bool { (receiverLimitedShare ?? 0) >= Self.limitShare }

    /// Whether the send buffer held the socket back.
    public var isSendBufferLimited: Bool { (sendBufferLimitedShare ?? 0) >= Self.limitShare }

    /// Whether the source, and neither the path nor the peer, is the limit: nothing waits, and the socket is
    /// busy under half of the time, or may send more, or is dry. A full send buffer or a closed window leaves
    /// it dry as well, and is no proof.
    public var isAppLimited: Bool {
        if hasUnsent == true { return false }
        if let busyShare, busyShare < 0.5 { return true }
        if isReceiverLimited || isSendBufferLimited { return false }
        if hasRoom == true { return true }
        return ranDry ?? (acknowledged == 0)
    }
}

/// The counters of the last sample: what the next one is compared with.
///
/// Kept in 32 bits where an interval cannot move a counter by more than that; differences wrap, and a
/// counter that went backwards (another socket, a broken kernel) counts as one that stood still.
public struct CounterMarks: Sendable {
    private var acknowledged: UInt64 = 0
    private var delivered: UInt32 = 0
    private var retransmitted: UInt32 = 0
    private var busy: UInt32 = 0
    private var receiverLimited: UInt32 = 0
    private var sendBufferLimited: UInt32 = 0

    public init() {}

    /// Remembers `sample`'s counters and returns what has changed in `interval` microseconds.
    public mutating func advance(to sample: LegSample, interval: UInt64) -> Evidence {
        var evidence = Evidence(interval: interval)
        let fields = sample.fields
        if fields.contains(.byteCounts) {
            evidence.acknowledged = sample.bytesAcked.since(acknowledged)
            acknowledged = sample.bytesAcked
        }
        if fields.contains(.delivered), fields.contains(.byteCounts) {
            let segments = Self.move(&delivered, to: UInt64(sample.segmentsDelivered))
            evidence.delivered = Double(segments) * sample.meanSegment
        }
        if fields.contains(.retransmits) {
            evidence.retransmitted = UInt64(Self.move(&retransmitted, to: sample.bytesRetransmitted))
        }
        if fields.contains(.limits) {
            let length = Float(max(interval, 1))
            evidence.busyShare = min(1, Float(Self.move(&busy, to: sample.busy)) / length)
            evidence.receiverLimitedShare =
                min(1, Float(Self.move(&receiverLimited, to: sample.receiverLimited)) / length)
            evidence.sendBufferLimitedShare =
                min(1, Float(Self.move(&sendBufferLimited, to: sample.sendBufferLimited)) / length)
        }
        if fields.contains(.basic) {
            evidence.hasRoom = sample.unacked < sample.congestionWindow / 2
        }
        if fields.contains(.notSent) {
            evidence.hasUnsent = sample.notSent > max(sample.segmentSize, 1)
        }
        if fields.contains(.deliveryRate) {
            evidence.ranDry = sample.isAppLimited
        }
        return evidence
    }

    private static func move(_ mark: inout UInt32, to counter: UInt64) -> UInt32 {
        let new = UInt32(truncatingIfNeeded: counter)
        let moved = new &- mark
        mark = new
        return Int32(bitPattern: moved) < 0 ? 0 : moved
    }
}

extension UInt64 {
    /// How much this counter, or time, has advanced since `earlier`; 0 when it went backwards.
    func since(_ earlier: UInt64) -> UInt64 {
        self > earlier ? self - earlier : 0
    }
}
