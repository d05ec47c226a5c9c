import Testing

@testable import SluiceControl

/// A line of 1 MB/s and 50 ms that one flow fills: a step each tenth of a second.
@Suite struct QueueGovernorTests {
    private static let line = 1e6
    private static let floor = 50_000.0
    private static let step: UInt64 = 100_000

    private var governor = QueueGovernor()
    private var now: UInt64 = 1_000_000

    /// - Returns: the rate that the flow is held at; `nil`: it is left to the kernel.
    private mutating func step(delivered: Double, queue: Double) -> Double? {
        now += Self.step
        let seen = QueueGovernor.Observation(
            delivered: delivered,
            roundTrip: Self.floor + queue,
            floor: Self.floor,
            lever: .rate
        )
        switch governor.step(seen, at: now) {
        case .hold(let rate), .holdAndRaiseFloor(let rate): return rate
        case .free, .yield: return nil
        }
    }

    /// Two steps above the target, and the queue drains.
    private mutating func engage() -> Double {
        _ = step(delivered: Self.line, queue: 60_000)
        let held = step(delivered: Self.line, queue: 60_000)!
        _ = step(delivered: Self.line, queue: 20_000)
        return held
    }

    @Test mutating func aStandingQueueIsDrained() {
        let held = engage()
        #expect(held < Self.line && held > Self.line / 4)
    }

    /// As long as the line carries all that is sent, each step sends more of it, and a line that is plainly faster twice as much.
    @Test mutating func aLineThatHasBecomeFasterIsFoundByDoubling() {
        _ = engage()
        var rates: [Double] = []
        while rates.count < 14 { rates.append(step(delivered: rates.last ?? Self.line, queue: 0)!) }
        #expect(governor.isFaster)
        #expect(rates.last! > 30 * Self.line)
        for (before, after) in zip(rates, rates.dropFirst()) { #expect(after <= before * 2.001) }
    }

    /// On a line that is full no growth makes a queue of more than a few targets.
    @Test mutating func aFullLineIsNotOverrun() {
        _ = engage()
        var queue = 0.0
        var rate = Self.line
        for _ in 0..<100 {
            let sent = rate * Double(Self.step) / 1e6
            let carried = min(Self.line * Double(Self.step) / 1e6, queue + sent)
            queue += sent - carried
            rate = step(delivered: carried * 10, queue: queue / Self.line * 1e6)!
            #expect(queue / Self.line * 1e6 < 4 * governor.target && !governor.isFaster)
        }
    }

    /// Nothing arrives: little is sent into whatever holds it up, and the line's rate is not forgotten.
    @Test mutating func anOutageSaysNothingOfTheLine() {
        _ = engage()
        for _ in 0..<20 {
            let held = step(delivered: 0, queue: 20_000)!
            #expect(held < governor.bandwidth / 2 && held > 0)
        }
        // The first answers come from the outage's last part.
        _ = step(delivered: Self.line / 20, queue: 400_000)
        #expect(governor.bandwidth > Self.line * 0.9)
    }
}
