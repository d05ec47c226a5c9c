// The source of everything that is seeded: the demo's text and bytes, the lab's losses, which
// connections are held back, the random cases of the tests.

/// SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
///
/// Fixed for good: the same seed gives the same numbers in every release and on every machine, so that checksums can be
/// compared, and a failing test run again.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mix(state)
    }

    /// A number from 0 up to, not including, `bound`. Fixed for good, too, unlike the standard library's choice; the bias
    /// of the modulo is far below what a demo or a test can show.
    public mutating func next(below bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// Evenly from 0 up to, not including, 1.
    public mutating func nextFraction() -> Double { Self.fraction(next()) }

    /// The number at one place of the sequence, without those before it: evenly from 0 up to, not including, 1.
    public static func fraction(seed: UInt64, at index: Int) -> Double {
        fraction(mix(seed &+ (UInt64(bitPattern: Int64(index)) &+ 1) &* step))
    }

    private static func fraction(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

    private static func mix(_ state: UInt64) -> UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
