import SluiceRandom
import Testing

@testable import SluiceControl

/// Rounding, and what keeps the sizes steady.
@Suite struct SizerTests {
    @Test(arguments: [true, false])
    func aRateAroundAPowerOfTwoMovesTheRingOnce(isBounded: Bool) {
        var random = SplitMix64(seed: 21)
        var ring = RingSizer(ceiling: 1 << 20)
        var sizes: [Int] = []
        for _ in 0..<200 {
            ring.resize(for: 65_536 * Double.random(in: 0.85...1.15, using: &random), isBounded: isBounded)
            if sizes.last != ring.target { sizes.append(ring.target) }
        }
        #expect(sizes.last == 128 << 10)
        #expect(sizes.count <= 2)
    }

    @Test func ringHoldsWhatTheRateCallsFor() {
        var random = SplitMix64(seed: 22)
        var ring = RingSizer(ceiling: 1 << 20)
        for _ in 0..<1000 {
            let demand = random.logarithmic(1, 1e7)
            ring.resize(for: demand, isBounded: true)
            #expect(Double(ring.target) >= min(demand, 1_048_576))
            #expect(Double(ring.target) <= max(demand * 8 / 3, 4096))
        }
    }

    @Test func oneReadPerMessageOfTheSizeLastSeen() {
        var ring = RingSizer(ceiling: 1 << 20)
        ring.noteRead(bytes: 100_000, filled: false)
        ring.resize(for: 0, isBounded: false)
        #expect(ring.target == 128 << 10)
        // One interval without a message is no end of them.
        ring.resize(for: 0, isBounded: false)
        #expect(ring.target == 128 << 10)
        ring.resize(for: 0, isBounded: false)
        #expect(ring.target == 4 << 10)
    }

    @Test func fullReadsOfALimitedSinkGrowNothing() {
        var ring = RingSizer(ceiling: 1 << 20)
        ring.resize(for: 10_000, isBounded: true)
        for _ in 0..<20 { ring.noteRead(bytes: ring.target, filled: true) }
        #expect(ring.target == 16 << 10)
        #expect(ring.isSourceAhead)
        ring.resize(for: 10_000, isBounded: false)
        #expect(!ring.isBounded)
        ring.noteRead(bytes: ring.target, filled: true)
        #expect(ring.target == 64 << 10)
    }

    @Test func aBudgetAroundAPowerOfTwoMovesTheLimitOnce() {
        var random = SplitMix64(seed: 23)
        var limit = UnsentLimit(256 << 10)
        var values: [Int?] = []
        for _ in 0..<200 {
            limit.resize(for: 131_072 * Double.random(in: 0.9...1.2, using: &random), mayShrink: true)
            if values.last != limit.bytes { values.append(limit.bytes) }
        }
        #expect(values.last == 64 << 10)
        #expect(values.count <= 2)
    }

    @Test func limitStaysWithinTheBudget() {
        var random = SplitMix64(seed: 24)
        var limit = UnsentLimit(nil)
        for _ in 0..<1000 {
            let budget = random.logarithmic(1000, 1e8)
            limit.resize(for: budget, mayShrink: true)
            if let bytes = limit.bytes {
                #expect(Double(bytes) <= max(budget, 16_384) && Double(bytes) >= min(budget / 5, 4_194_304))
                #expect(bytes & (bytes - 1) == 0)
            } else {
                #expect(budget >= 4_194_304)
            }
        }
    }

    @Test func aHigherBudgetNeedsNoEvidence() {
        var limit = UnsentLimit(16 << 10)
        limit.resize(for: 1000, mayShrink: false)
        #expect(limit.bytes == 16 << 10)
        limit.resize(for: 1_048_576, mayShrink: false)
        #expect(limit.bytes == 1 << 20)
        limit.resize(for: 1000, mayShrink: false)
        #expect(limit.bytes == 1 << 20)
        limit.resize(for: 1e9, mayShrink: false)
        #expect(limit.bytes == nil)
    }

    @Test func starvationDoublesTheBudgetForGood() {
        var limit = UnsentLimit(32 << 10)
        limit.noteStarved()
        limit.resize(for: 32_768, mayShrink: true)
        // One doubling is within the hysteresis; the second is not.
        #expect(limit.bytes == 32 << 10)
        limit.noteStarved()
        limit.resize(for: 32_768, mayShrink: true)
        #expect(limit.bytes == 128 << 10)
        for _ in 0..<300 { limit.noteStarved() }
        limit.resize(for: 131_072, mayShrink: true)
        #expect(limit.bytes == nil)
    }
}
