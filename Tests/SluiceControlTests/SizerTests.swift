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

    /// Takes `bytes` each millisecond. Returns when the limit first changed, and to what.
    private func opening(
        _ limit: inout UnsentLimit,
        bytes: Int,
        roundTrip: UInt32,
        for milliseconds: UInt32
    ) -> (time: UInt32, bytes: Int?)? {
        var first: (UInt32, Int?)?
        for time in 1...milliseconds {
            let hasChanged = limit.noteWritten(bytes, budget: 0.2, roundTrip: roundTrip, at: time)
            if hasChanged, first == nil { first = (time, limit.bytes) }
        }
        return first
    }

    @Test func aFastStartOpensTheLimitBeforeASample() throws {
        var limit = UnsentLimit(16 << 10)
        let first = try #require(opening(&limit, bytes: 100_000, roundTrip: 0, for: 20))
        #expect(first.time == 1)
        #expect(limit.bytes == nil)
    }

    /// Ten segments, then twice as many in each round trip of 100 ms: the limit lets the next round trip's through.
    @Test func theLimitOpensAsSlowStartDoes() throws {
        var limit = UnsentLimit(16 << 10)
        for round: UInt32 in 0..<8 {
            let window = 14_480 << Int(round)
            // As the sink's kernel swallows it: at the beginning of a round trip.
            _ = limit.noteWritten(window, budget: 0.2, roundTrip: 100, at: 1 + 100 * round)
            #expect(limit.bytes.map { $0 >= window / 4 } ?? true, "round trip \(round)")
        }
        #expect(try #require(limit.bytes) >= 1 << 20)
    }

    /// What the kernel swallows at once is no pace: 250 kbit/s behind a first burst of 64 KiB.
    @Test func aSlowReaderOpensNothing() {
        var limit = UnsentLimit(16 << 10)
        _ = limit.noteWritten(48 << 10, budget: 0.2, roundTrip: 20, at: 1)
        #expect(opening(&limit, bytes: 31, roundTrip: 20, for: 60_000) == nil)
        #expect(limit.bytes == 16 << 10)
    }

    /// Once a sample has found the path the limit is the samples'.
    @Test func samplesEndTheOpening() {
        var limit = UnsentLimit(16 << 10)
        limit.resize(for: 10_000, mayShrink: true)
        #expect(opening(&limit, bytes: 100_000, roundTrip: 0, for: 20) == nil)
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

    /// In slow start a window doubles twice between two samples, and neither time finds the buffer full.
    @Test func aSendBufferIsRaisedBeforeItIsFull() {
        var buffer = SendBufferSizer()
        buffer.prepare(congestionWindow: Double(512 << 10), ceiling: 32 << 20)
        #expect(buffer.bytes == nil, "the kernel's autotuning goes so far")
        for exponent in 20...24 {
            let window = Double(1 << exponent)
            buffer.prepare(congestionWindow: window, ceiling: 1 << 30)
            #expect(Double(buffer.bytes ?? 0) >= 4 * window)
        }
        // A window that wavers changes nothing.
        let settled = buffer
        for share in stride(from: 0.5, through: 1, by: 0.1) {
            buffer.prepare(congestionWindow: share * Double(1 << 24), ceiling: 1 << 30)
        }
        #expect(buffer.bytes == settled.bytes)
    }

    @Test func aSendBufferEndsAtItsCeiling() {
        var buffer = SendBufferSizer()
        for _ in 0..<8 {
            buffer.prepare(congestionWindow: 1e9, ceiling: 32 << 20)
            buffer.noteLimited(congestionWindow: 1e9, ceiling: 32 << 20)
        }
        #expect(buffer.bytes == 32 << 20)
    }
}
