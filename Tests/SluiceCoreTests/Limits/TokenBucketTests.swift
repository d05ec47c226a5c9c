import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct TokenBucketTests {
    private let second = 1_000_000_000

    @Test func aQuietTimeIsWorthABucketful() {
        let bucket = TokenBucket()
        let rate = TokenRate.connections(4)
        for _ in 0..<4 { #expect(bucket.take(1, at: rate, now: 7 * second)) }
        #expect(!bucket.hasOne(at: rate, now: 7 * second))
        #expect(!bucket.take(1, at: rate, now: 7 * second))
        #expect(bucket.take(1, at: rate, now: 7 * second + second / 4))
        #expect(!bucket.isFull(at: 8 * second))
        // However long the quiet was, no more than that.
        let taken = (0..<10).filter { _ in bucket.take(1, at: rate, now: 100 * second) }
        #expect(taken.count == 4)
    }

    @Test func reservationsComeOneAfterTheOther() {
        let bucket = TokenBucket()
        let rate = TokenRate.bytes(1000)
        #expect(bucket.reserve(250, at: rate, now: second) == 0)
        #expect(bucket.reserve(100, at: rate, now: second) == second / 10)
        #expect(bucket.reserve(100, at: rate, now: second) == second / 5)
        // The second is not needed after all: whoever comes next has its time.
        bucket.giveBack(100, at: rate)
        #expect(bucket.reserve(50, at: rate, now: second) == second / 20 * 3)
    }

    @Test func aRateMayChangeOnTheWay() {
        let bucket = TokenBucket()
        #expect(bucket.reserve(1250, at: .bytes(1000), now: second) == second)
        #expect(bucket.reserve(1_000_000, at: .bytes(1_000_000), now: second) == 2 * second)
    }

    /// Whatever the pieces and the pauses: over the whole time never more than the rate and one bucketful.
    @Test(arguments: 0..<50) func theRateHoldsOverTime(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let perSecond = 1 << Int.random(in: 10...40, using: &random)
        let (bucket, rate) = (TokenBucket(), TokenRate.bytes(perSecond))
        var (now, used) = (second, 0)
        for _ in 0..<500 {
            let piece = Int.random(in: 1...max(1, perSecond / 20), using: &random)
            now += bucket.reserve(piece, at: rate, now: now)
            let read = Int.random(in: 0...piece, using: &random)
            bucket.giveBack(piece - read, at: rate)
            used += read
            let allowed = Double(now - second + rate.depth + 1000) / 1e9 * Double(perSecond)
            #expect(Double(used) <= allowed + 1)
            now += Int.random(in: 0...second / 100, using: &random)
        }
    }

    @Test func concurrentTakesAreExact() {
        let bucket = TokenBucket()
        let taken = Locked(0)
        let threads = TestThreads(4) { _ in
            for _ in 0..<1000 where bucket.take(1, at: .connections(777), now: 1_000_000_000) {
                taken.withLock { $0 += 1 }
            }
        }
        threads.join()
        #expect(taken.withLock { $0 } == 777)
    }
}
