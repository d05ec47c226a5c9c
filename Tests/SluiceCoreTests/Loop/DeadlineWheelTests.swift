import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct DeadlineWheelTests {
    private static let tick = DeadlineWheel.tickMilliseconds
    private static let horizon = DeadlineWheel.horizonMilliseconds

    @Test(arguments: 0..<40)
    func withinTheHorizonNothingIsEarlyAndNothingLate(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let start = UInt64.random(in: 0...10_000_000, using: &random)
        let wheel = DeadlineWheel(now: start)
        let entries = (0..<30).map { _ in
            (ProbeEntry(), start + .random(in: 0...(Self.horizon - Self.tick), using: &random))
        }
        for (entry, deadline) in entries { wheel.schedule(entry, at: deadline) }
        var now = start
        while now < start + Self.horizon + Self.tick {
            now += .random(in: 1...40, using: &random)
            wheel.advance(to: now)
        }
        for (entry, deadline) in entries {
            #expect(entry.firings.count == 1 && !entry.isScheduled)
            // The clock went on by up to 40 ms a step.
            #expect(entry.firings.allSatisfy { (deadline..<deadline + Self.tick + 40).contains($0) })
        }
    }

    @Test func aDeadlineInThePastFiresWithTheNextTick() {
        let wheel = DeadlineWheel(now: 100_010)
        let entry = ProbeEntry()
        wheel.schedule(entry, at: 3)
        wheel.advance(to: 100_049)
        #expect(entry.firings.isEmpty)
        wheel.advance(to: 100_050)
        #expect(entry.firings == [100_050])
    }

    @Test func beyondTheHorizonItIsNotEarlyEither() {
        let start: UInt64 = 12_345
        let deadline = start + 3 * Self.horizon + 777
        let wheel = DeadlineWheel(now: start)
        let entry = ProbeEntry()
        wheel.schedule(entry, at: deadline)
        for now in start...deadline + 2 * Self.horizon { wheel.advance(to: now) }
        #expect(entry.firings.count == 1)
        #expect(entry.firings.allSatisfy { (deadline...deadline + Self.tick).contains($0) })
    }

    @Test func scheduledTwiceItHasTheLastDeadlineOnly() {
        let wheel = DeadlineWheel(now: 0)
        let entry = ProbeEntry()
        wheel.schedule(entry, at: 100)
        wheel.schedule(entry, at: 900)
        wheel.advance(to: 899)
        #expect(entry.firings.isEmpty)
        wheel.advance(to: 2000)
        #expect(entry.firings == [2000])
    }

    @Test func aCallbackMayCancelOthersOfItsSlotAndOfLaterOnes() {
        let wheel = DeadlineWheel(now: 0)
        var entries: [ProbeEntry] = []
        entries = (0..<5).map { _ in
            ProbeEntry { fired, _ in for entry in entries where entry !== fired { wheel.cancel(entry) } }
        }
        for entry in entries.dropLast() { wheel.schedule(entry, at: 100) }
        wheel.schedule(entries[4], at: 200)
        wheel.advance(to: 1000)
        #expect(entries.map(\.firings.count).reduce(0, +) == 1)
        #expect(entries.allSatisfy { !$0.isScheduled })
        entries = []
    }

    @Test func aCallbackMayScheduleItselfAndOthers() {
        let wheel = DeadlineWheel(now: 0)
        let other = ProbeEntry()
        let entry = ProbeEntry { entry, now in
            if entry.firings.count < 10 { wheel.schedule(entry, at: now + 100) }
            wheel.schedule(other, at: now + 150)
        }
        wheel.schedule(entry, at: 100)
        for now in stride(from: UInt64(0), through: 3000, by: 10) { wheel.advance(to: now) }
        #expect(entry.firings == (1...10).map { $0 * 100 })
        // Put off by every firing but the last.
        #expect(other.firings == [1150])
    }

    @Test func aLongStallFiresEverythingOnce() {
        let wheel = DeadlineWheel(now: 500)
        let entries = (0..<2000).map { _ in ProbeEntry() }
        for (index, entry) in entries.enumerated() { wheel.schedule(entry, at: 500 + UInt64(index) * 25) }
        wheel.advance(to: 500 + 20 * Self.horizon + 13)
        #expect(entries.allSatisfy { $0.firings.count == 1 && !$0.isScheduled })
    }

    /// A list of deadlines knows what may fire, and what must have fired.
    @Test(arguments: 0..<60)
    func randomOperationsAgreeWithAList(seed: UInt64) {
        var random = SplitMix64(seed: 1000 + seed)
        var now = UInt64.random(in: 0...1_000_000, using: &random)
        let wheel = DeadlineWheel(now: now)
        var deadlines: [ObjectIdentifier: UInt64] = [:]
        var unasked = 0
        let entries = (0..<20).map { _ in
            ProbeEntry { entry, now in
                let deadline = deadlines.removeValue(forKey: ObjectIdentifier(entry))
                if deadline.map({ now < $0 }) ?? true { unasked += 1 }
            }
        }
        for _ in 0..<400 {
            let entry = entries.randomElement(using: &random)!
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let deadline = now + .random(in: 0...2 * Self.horizon, using: &random)
                deadlines[ObjectIdentifier(entry)] = deadline
                wheel.schedule(entry, at: deadline)
            case 5:
                deadlines[ObjectIdentifier(entry)] = nil
                wheel.cancel(entry)
            default:
                let stalls = Int.random(in: 0..<50, using: &random) == 0
                now += .random(in: 0...(stalls ? 10 * Self.horizon : 3000), using: &random)
                wheel.advance(to: now)
            }
            #expect(unasked == 0, "an entry fired that nobody had scheduled, or too early")
            #expect(deadlines.values.allSatisfy { now < $0 + Self.tick }, "a deadline was missed")
            #expect(entries.allSatisfy { $0.isScheduled == (deadlines[ObjectIdentifier($0)] != nil) })
        }
    }
}
