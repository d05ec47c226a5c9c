import Testing

@testable import SluiceControl

/// Each reason, from the counters that prove it.
@Suite struct DiagnosticianTests {
    /// A bulk flow that nothing holds back: busy all the time, data waiting, window full.
    private func bulk(at tick: Int) -> LegSample {
        var sample = LegSample()
        sample.fields = .all
        sample.rtt = 50_000
        sample.segmentSize = 1448
        sample.congestionWindow = 100
        sample.unacked = 100
        sample.notSent = 100_000
        sample.bytesAcked = UInt64(tick) * 100_000
        sample.busy = UInt64(tick) * 100_000
        return sample
    }

    private func reason(
        _ change: (inout LegSample, Int) -> Void = { _, _ in },
        queue: UInt32 = 0,
        isStarved: Bool = false
    ) -> Reason {
        var diagnostician = Diagnostician()
        var path = PathEstimate()
        var last = Reason.startup
        for tick in 0..<20 {
            var sample = bulk(at: tick)
            change(&sample, tick)
            path.smoothedRTT = sample.rtt + queue
            path.minimumRTT = sample.rtt
            let evidence = diagnostician.evidence(from: sample, interval: 100_000)
            last = diagnostician.diagnose(
                evidence,
                rttVariance: sample.rttVariance,
                path: path,
                queueBudget: 20_000,
                isStarved: isStarved,
                at: UInt64(tick) * 100_000
            )
        }
        return last
    }

    @Test func bulkIsLimitedByTheNetwork() {
        #expect(reason() == .networkLimited)
    }

    @Test func idleIsLimitedByTheApplication() {
        let idle = reason { sample, tick in
            sample.notSent = 0
            sample.busy = UInt64(tick) * 30_000
        }
        #expect(idle == .appLimited)
    }

    @Test func aSourceThatKeepsTheSocketBusyButDryIsTheLimit() {
        let paced = reason { sample, _ in
            sample.notSent = 0
            sample.isAppLimited = true
        }
        #expect(paced == .appLimited)
    }

    @Test func roomInTheWindowAndNothingToSend() {
        let waiting = reason { sample, _ in
            sample.notSent = 0
            sample.unacked = 3
        }
        #expect(waiting == .appLimited)
    }

    @Test func fullSendBuffer() {
        let limited = reason { sample, tick in
            sample.notSent = 0
            sample.unacked = 30
            sample.isAppLimited = true
            sample.sendBufferLimited = UInt64(tick) * 50_000
        }
        #expect(limited == .sendBufferLimited)
    }

    @Test func starvedByOurLimit() {
        #expect(reason(isStarved: true) == .sendBufferLimited)
    }

    @Test func closedWindow() {
        let limited = reason { sample, tick in sample.receiverLimited = UInt64(tick) * 50_000 }
        #expect(limited == .receiverLimited)
    }

    @Test func standingQueue() {
        #expect(reason(queue: 30_000) == .queueBuilding)
        #expect(reason(queue: 15_000) == .networkLimited)
    }

    @Test func jitterIsNoQueue() {
        #expect(reason({ sample, _ in sample.rttVariance = 80_000 }, queue: 30_000) == .networkLimited)
    }

    @Test func lossWithoutAQueue() {
        let lossy: (inout LegSample, Int) -> Void = { sample, tick in
            sample.bytesRetransmitted = UInt64(tick) * 1000
        }
        #expect(reason(lossy) == .lossLimited)
        #expect(reason(lossy, queue: 30_000) == .networkLimited)
        #expect(reason({ sample, tick in sample.bytesRetransmitted = UInt64(tick) * 100 }) == .networkLimited)
    }

    /// Loss on a LAN is repaired within a millisecond or so.
    @Test func lossOnAShortPathIsNoLimit() {
        let limited = reason { sample, tick in
            sample.bytesRetransmitted = UInt64(tick) * 1000
            sample.rtt = 2000
        }
        #expect(limited == .networkLimited)
    }
}
