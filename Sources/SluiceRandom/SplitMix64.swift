// The source of everything that is seeded: the demo's text and bytes, and the random cases of the tests.

/// SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
///
/// Fixed for good: the same seed gives the same numbers in every release and on every machine, so that checksums can be
/// compared, and a failing test run again.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`. Fixed for good, too, unlike the standard library's choice; the bias
    /// of the modulo is far below what a demo or a test can show.
    public mutating func next(below bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }
}
