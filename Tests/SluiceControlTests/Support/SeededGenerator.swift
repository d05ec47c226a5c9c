/// A small generator with a seed (SplitMix64), so that a failing path can be run again.
struct SeededGenerator: RandomNumberGenerator {
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

    /// Evenly spread over the magnitudes between the bounds.
    mutating func logarithmic(_ low: Double, _ high: Double) -> Double {
        let steps = Double.random(in: 0...1, using: &self)
        var ratio = high / low
        var value = low
        // A binary expansion of `steps`, since nothing here imports a `pow`.
        var rest = steps
        for _ in 0..<20 {
            ratio = ratio.squareRoot()
            rest *= 2
            if rest >= 1 {
                value *= ratio
                rest -= 1
            }
        }
        return value
    }
}
