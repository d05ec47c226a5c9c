import Glibc
import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct DescriptorLimitTests {
    @Test func allThatIsOpenFitsUnderTheLimit() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<300 {
            let (inUse, workers) = (
                Int.random(in: 0...200, using: &random), Int.random(in: 1...64, using: &random)
            )
            let limit = Int.random(in: 1000...1_000_000, using: &random)
            let count = DescriptorLimit.connections(under: limit, inUse: inUse, workers: workers)
            #expect(2 * count + inUse < limit)
            let more = DescriptorLimit.connections(under: limit + 2, inUse: inUse, workers: workers)
            #expect(more == count + 1, "two more descriptors are one more connection")
            let fewer = DescriptorLimit.connections(under: limit, inUse: inUse, workers: workers + 1)
            #expect(fewer < count, "a loop needs descriptors of its own")
        }
    }

    @Test func thereIsAlwaysOne() {
        #expect(DescriptorLimit.connections(under: 0, inUse: 500, workers: 64) == 1)
    }

    @Test func noLimitAtAllDoesNotOverflow() {
        #expect(DescriptorLimit.connections(under: .max, inUse: 0, workers: 1) > 1 << 60)
    }

    @Test func theLimitIsRaisedToTheHardOne() {
        let raised = DescriptorLimit.raise()
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        #expect(raised == Int(clamping: limit.rlim_cur))
        #expect(DescriptorLimit.raise() == raised)
        #expect((3..<raised).contains(DescriptorLimit.inUse()))
    }
}
