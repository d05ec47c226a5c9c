import SluiceRandom

@testable import SluiceBench

/// Many random cases, the same in every run; a failure names its case.
func forEachCase(_ count: Int = 300, seed: UInt64 = 7, _ body: (inout SplitMix64) throws -> Void) rethrows {
    for index in 0..<count {
        var generator = SplitMix64(seed: seed &+ UInt64(index))
        try body(&generator)
    }
}
