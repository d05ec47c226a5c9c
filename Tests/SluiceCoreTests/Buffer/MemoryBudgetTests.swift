import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct MemoryBudgetTests {
    @Test func whatDoesNotFitTakesNothing() {
        let budget = MemoryBudget(ceiling: 100)
        #expect(budget.reserve(60))
        #expect(!budget.reserve(41))
        #expect(budget.used == 60)
        #expect(budget.reserve(40))
        #expect(!budget.reserve(1))
        budget.release(100)
        #expect(budget.used == 0)
    }

    @Test func threadsTogetherStayUnderTheCeiling() {
        let budget = MemoryBudget(ceiling: 1000)
        let excesses = Locked(0)
        let threads = TestThreads(6) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            for _ in 0..<5000 {
                let bytes = Int.random(in: 1...500, using: &random)
                guard budget.reserve(bytes) else { continue }
                if budget.used > budget.ceiling { excesses.withLock { $0 += 1 } }
                budget.release(bytes)
            }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        #expect(budget.used == 0)
    }
}
