import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct DrainScheduleTests {
    private func schedule(deadline: Int, window: Int) -> DrainSchedule {
        var configuration = DrainConfiguration()
        configuration.deadline = .milliseconds(deadline)
        configuration.window = .milliseconds(window)
        return DrainSchedule(configuration, now: 1000)
    }

    @Test func withoutAWindowNothingEndsBeforeTheDeadline() {
        var schedule = schedule(deadline: 500, window: 0)
        #expect(schedule.deadline == 1500)
        for now in stride(from: UInt64(1000), to: 1600, by: 50) {
            #expect(schedule.due(now: now, open: 10) == 0)
        }
    }

    @Test func theWindowIsThelastPartOfTheDeadline() {
        var schedule = schedule(deadline: 1000, window: 400)
        var open = 100
        var ends: [UInt64: Int] = [:]
        for now in stride(from: UInt64(1000), through: 2000, by: 100) {
            let due = schedule.due(now: now, open: open)
            open -= due
            ends[now] = due
        }
        #expect(ends.filter { $0.key < 1700 }.values.allSatisfy { $0 == 0 })
        #expect([1700, 1800, 1900, 2000].map { ends[$0] } == [25, 25, 25, 25])
        #expect(open == 0)
    }

    @Test func whatEndsByItselfCounts() {
        var schedule = schedule(deadline: 1000, window: 1000)
        #expect(schedule.due(now: 1000, open: 100) == 0)
        #expect(schedule.due(now: 1300, open: 60) == 0)
        #expect(schedule.due(now: 1500, open: 60) == 10)
        // What could not be ended when it was due is due still.
        #expect(schedule.due(now: 1600, open: 60) == 20)
    }

    /// In whatever steps the time goes, and whatever ends by itself: never too many, all by the end.
    @Test(arguments: 0..<50) func theNumberFallsEvenly(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var schedule = schedule(deadline: 1000, window: 1000)
        let total = Int.random(in: 1...500, using: &random)
        var open = total
        var now: UInt64 = 1000
        while now < 2000 {
            now = min(2000, now + UInt64.random(in: 1...200, using: &random))
            open -= schedule.due(now: now, open: open)
            let left = Double(total) * Double(2000 - now) / 1000
            #expect(Double(open) <= left && Double(open) > left - 1)
        }
        #expect(open == 0)
    }
}
