/// Estimates the path behind one sending socket from its samples.
///
/// - Minimum RTT: lowest round-trip time of the last 10 s. The kernel's own runs over 300 s, too long to act
///   on, but a fall of it is news that the smoothed figure hides.
/// - Bandwidth: highest rate of delivery within 10 round trips, at least 1 s. A rate that was measured while
///   the source was the limit says only "at least so much", and counts only when it is higher than what is
///   known.
/// - Throughput: what the relay wrote, smoothed over about half a second.
struct PathEstimator: Sendable {
    private static let rttWindow: UInt32 = 10_000
    private static let leastBandwidthWindow: UInt32 = 1000
    private static let throughputSmoothing: Float = 500_000

    private(set) var smoothedRTT: UInt32 = 0
    /// Bytes per second, smoothed. Negative: not measured.
    private var throughput: Float = -1
    /// Bytes per second relayed in the last two intervals.
    private var lastRate: Float = 0
    private var previousRate: Float = 0

    private var minimumRTT: WindowedBest<UInt32>?
    private var kernelMinimumRTT: UInt32 = .max
    private var bandwidth: WindowedBest<Float>?
    private var growth = BandwidthGrowth()

    private var relayedBytes: UInt64 = 0
    /// Where the current measurement of the ACK rate began: it spans at least a round trip, since ACKs come
    /// in bursts.
    private var ackStartTime: UInt64 = 0
    private var ackStartBytes: UInt64 = 0

    /// The first sample: nothing to compare it with yet, but the handshake has measured the round-trip time.
    mutating func start(sink: LegSample?, relayedBytes: UInt64, at time: UInt64) {
        self.relayedBytes = relayedBytes
        guard let sink else { return }
        ackStartTime = time
        ackStartBytes = sink.bytesAcked
        noteRTT(sink, at: time)
    }

    /// A Unix socket, or the part of a TCP sample that needs no kernel's help.
    mutating func noteRelayed(_ total: UInt64, interval: UInt64) {
        let rate = Float(total.since(relayedBytes)) * 1e6 / Float(max(interval, 1))
        relayedBytes = total
        previousRate = lastRate
        lastRate = rate
        let weight = Float(interval) / (Float(interval) + Self.throughputSmoothing)
        throughput = throughput < 0 ? rate : throughput + (rate - throughput) * weight
    }

    mutating func noteSample(_ sink: LegSample, evidence: Evidence, at time: UInt64) {
        // Without an ACK the round-trip time is an old one: it must not push a true minimum out of the
        // window.
        if evidence.acknowledged != 0 { noteRTT(sink, at: time) }
        noteDelivery(sink, evidence: evidence, at: time)
    }

    private mutating func noteRTT(_ sink: LegSample, at time: UInt64) {
        guard sink.fields.contains(.basic), sink.rtt > 0 else { return }
        smoothedRTT = sink.rtt
        var lowest = sink.rtt
        if sink.fields.contains(.notSent), sink.minimumRTT > 0 {
            if sink.minimumRTT < kernelMinimumRTT { lowest = min(lowest, sink.minimumRTT) }
            kernelMinimumRTT = sink.minimumRTT
        }
        let now = time.milliseconds
        if minimumRTT == nil {
            minimumRTT = WindowedBest(lowest, at: now)
        } else {
            minimumRTT?.insert(lowest, at: now, window: Self.rttWindow, by: <)
        }
    }

    private mutating func noteDelivery(_ sink: LegSample, evidence: Evidence, at time: UInt64) {
        var rate: Float = 0
        if sink.fields.contains(.deliveryRate) {
            rate = Float(sink.deliveryRate)
        }
        let elapsed = time.since(ackStartTime)
        if sink.fields.contains(.byteCounts), elapsed >= UInt64(max(smoothedRTT, 1)) {
            rate = max(rate, Float(sink.bytesAcked.since(ackStartBytes)) * 1e6 / Float(elapsed))
            ackStartTime = time
            ackStartBytes = sink.bytesAcked
        }
        guard rate > 0, evidence.acknowledged != 0 else { return }
        let isLowerBound = evidence.isAppLimited || evidence.ranDry == true
        if isLowerBound, let bandwidth, rate <= bandwidth.value { return }

        let now = time.milliseconds
        let window = max(Self.leastBandwidthWindow, smoothedRTT / 100)
        if bandwidth == nil {
            bandwidth = WindowedBest(rate, at: now)
        } else {
            bandwidth?.insert(rate, at: now, window: window, by: >)
        }
        growth.note(bandwidth?.value ?? rate, at: now)
    }

    /// The highest rate at which the relay wrote in the last two intervals, bytes per second.
    var recentRate: Double { Double(max(lastRate, previousRate)) }

    /// Whether the bandwidth has stopped growing for a while: before that, slow start is still finding the
    /// path.
    func isBandwidthSettled(at time: UInt64) -> Bool {
        bandwidth != nil && growth.isSettled(at: time.milliseconds, smoothedRTT: smoothedRTT)
    }

    var estimate: PathEstimate {
        var estimate = PathEstimate()
        estimate.smoothedRTT = smoothedRTT > 0 ? smoothedRTT : nil
        estimate.minimumRTT = minimumRTT?.value
        estimate.throughput = throughput < 0 ? nil : Double(throughput)
        estimate.bandwidth = (bandwidth?.value).map(Double.init)
        return estimate
    }
}

/// Notices when an estimate of bandwidth stops growing: less than a quarter in three round trips (as BBR
/// judges the end of its startup, draft-ietf-ccwg-bbr, 5.3.1.2), and never before 200 ms.
struct BandwidthGrowth: Sendable {
    private var level: Float = 0
    private var since: UInt32 = 0

    mutating func note(_ bandwidth: Float, at milliseconds: UInt32) {
        if bandwidth > level * 1.25 {
            level = bandwidth
            since = milliseconds
        } else if bandwidth < level / 2 {
            level = bandwidth
        }
    }

    func isSettled(at milliseconds: UInt32, smoothedRTT: UInt32) -> Bool {
        milliseconds &- since >= max(200, smoothedRTT / 1000 * 3)
    }
}

extension UInt64 {
    /// Microseconds as milliseconds in 32 bits, which wrap after 49 days: only differences mean something.
    var milliseconds: UInt32 { UInt32(truncatingIfNeeded: self / 1000) }
}
