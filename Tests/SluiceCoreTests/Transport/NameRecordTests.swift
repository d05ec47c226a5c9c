import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct NameRecordTests {
    private let lifetimes = NameRecord<Int>.Lifetimes(longest: 30_000)

    /// A name server that answers or fails at random, asked at random times: the rules that hold whatever happens.
    @Test func theRulesHold() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<100 {
            var record = NameRecord<Int>(lifetimes: lifetimes)
            var (now, last, quietUntil) = (UInt64(0), Int?.none, UInt64(0))
            for step in 0..<200 {
                now += UInt64.random(in: 0...3000, using: &random)
                let asks = record.shouldAsk(at: now)
                #expect(asks == (now >= quietUntil))
                #expect(record.answer == last)
                guard asks else { continue }
                // One question at a time.
                let asksTwice = record.shouldAsk(at: now)
                #expect(!asksTwice)
                now += UInt64.random(in: 0...500, using: &random)
                if Bool.random(using: &random) {
                    let timeToLive = UInt32.random(in: 0...60, using: &random)
                    record.answered(step, timeToLive: timeToLive, at: now)
                    last = step
                    quietUntil = now + min(30_000, max(1000, UInt64(timeToLive) * 1000))
                } else {
                    record.failed(at: now)
                    quietUntil = now + 1000
                }
                #expect(record.answer == last && !record.isAsking)
            }
        }
    }

    @Test func aTimeToLiveWithoutBoundIsBounded() {
        var record = NameRecord<Int>(lifetimes: lifetimes)
        _ = record.shouldAsk(at: 0)
        record.answered(1, timeToLive: .max, at: 0)
        let asks = [record.shouldAsk(at: 29_999), record.shouldAsk(at: 30_000)]
        #expect(asks == [false, true])
    }
}
