import Testing

@testable import SluiceControl

/// What a bulk flow makes of the samples of its source.
@Suite struct BulkControlTests {
    /// Full reads of small requests, 200 kB/s: their receiver takes for the round-trip time the time in which a window's worth
    /// comes. Whether that passes for a queue.
    private func isHeld(answered: UInt64) -> Bool {
        var bulk = BulkControl(
            allowed: .all,
            memoryCeiling: 64 << 20,
            firstWindow: .remote,
            isBornWithBBR: false,
            sourceRoundTrip: 3000,
            sinkRoundTrip: 0
        )
        var bottleneck = Bottleneck()
        var sample = LegSample()
        sample.fields = .all
        (sample.minimumRTT, sample.rtt, sample.receiveRTT) = (3000, 3000, 1_600_000)
        var smallest = FirstWindow.remote.bytes
        for step: UInt64 in 1...100 {
            sample.bytesReceived += 20_000
            sample.bytesAcked += answered
            bulk.observeSource(
                sample,
                sinkRate: nil,
                budget: 0.1,
                bottleneck: &bottleneck,
                at: step * 100_000
            )
            smallest = min(smallest, bulk.window.bytes ?? .max)
        }
        return smallest < FirstWindow.remote.bytes
    }

    @Test func whereTheSocketIsAnsweredThatIsTheBetterRoundTripTime() {
        #expect(isHeld(answered: 0))
        #expect(!isHeld(answered: 1000))
    }
}
