import Testing

@testable import SluiceControl

/// Queues in microseconds; the least that is worth a decision is 2 ms.
@Suite struct QueueSwingTests {
    private static let base = 2000.0

    private func deviation(of queues: [Double], slowerAt step: Int? = nil, expected: Double? = nil) -> Double
    {
        var swing = QueueSwing()
        swing.begin(at: 5000)
        var most = 0.0
        for (index, queue) in queues.enumerated() {
            swing.note(queue, expected: expected, base: Self.base)
            if index == step { swing.noteSlower() }
            most = max(most, swing.deviation)
        }
        return most
    }

    /// A rate that swings needs a queue that bridges its gaps.
    @Test func whatComesAgainAndAgainIsASwing() {
        let queues = (0..<100).map { $0 % 2 == 0 ? 60_000.0 : 0 }
        #expect(deviation(of: queues) > 20_000)
    }

    @Test func aSteadyQueueHasNone() {
        #expect(deviation(of: Array(repeating: 5000, count: 100)) < 1)
    }

    /// What a slower line leaves in the queue drains within some steps.
    @Test func whatASlowerLineLeavesIsNoSwing() {
        let queues = [5000, 90_000, 120_000, 80_000, 40_000, 10_000, 5000].map { Double($0) }
        #expect(deviation(of: queues, slowerAt: 1) < 3 * Self.base)
        #expect(deviation(of: queues) > 5 * Self.base)
    }

    /// A path whose rate goes on changing is learned all the same, a little later.
    @Test func aLineThatBecomesSlowerAgainAndAgainSwings() {
        var swing = QueueSwing()
        swing.begin(at: 5000)
        for step in 0..<100 {
            swing.note(step % 2 == 0 ? 60_000 : 0, expected: nil, base: Self.base)
            if step % 20 == 0 { swing.noteSlower() }
            if step % 20 == 5 { swing.noteDrained() }
        }
        #expect(swing.deviation > 10_000)
    }

    @Test func whatTheFlowsHaveMadeThemselvesIsNoSwing() {
        let queues = (0..<100).map { $0 % 2 == 0 ? 60_000.0 : 0 }
        var swing = QueueSwing()
        swing.begin(at: 0)
        for queue in queues { swing.note(queue, expected: queue, base: Self.base) }
        #expect(swing.deviation < 1)
    }
}
