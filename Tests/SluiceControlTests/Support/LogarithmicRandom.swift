import SluiceRandom

extension SplitMix64 {
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
