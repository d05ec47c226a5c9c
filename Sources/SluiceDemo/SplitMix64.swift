// The source of everything seeded in this module.

/// SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
///
/// Fixed for good, unlike the standard library's choices: the same seed must give the same text and bytes in
/// every release, so that checksums can be compared.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`. The bias of the modulo is far below what a demo can
    /// show.
    mutating func next(below bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }
}
