import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct DurationTests {
    @Test(arguments: [
        (Duration.zero, UInt64(0)), (.nanoseconds(1), 1), (.microseconds(999), 1), (.milliseconds(1), 1),
        (.microseconds(1001), 2), (.seconds(3), 3000), (.seconds(86400), 86_400_000),
        (.nanoseconds(-1), 0), (.milliseconds(-1500), 0), (.seconds(-7), 0),
    ])
    func millisecondsAreRoundedUp(duration: Duration, expected: UInt64) {
        #expect(duration.milliseconds == expected)
    }

    @Test func noDurationIsShortenedNorLengthenedByAMillisecond() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let nanoseconds = Int64.random(in: 0...(10 << 40), using: &random)
            let rounded = Duration.milliseconds(Duration.nanoseconds(nanoseconds).milliseconds)
            let excess = rounded - .nanoseconds(nanoseconds)
            #expect(excess >= .zero && excess < .milliseconds(1))
        }
    }
}
