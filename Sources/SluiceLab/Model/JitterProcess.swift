import SluiceRandom

/// The part of the delay that varies.
struct JitterProcess {
    private let jitter: Jitter
    private let seed: UInt64

    init(_ jitter: Jitter, seed: UInt64) {
        self.jitter = jitter
        self.seed = seed
    }

    var keepsOrder: Bool {
        if case .reordering = jitter { false } else { true }
    }

    /// Nanoseconds to add for a packet that leaves the queue at `time`.
    func extraDelay(at time: Int, _ generator: inout SplitMix64) -> Int {
        switch jitter {
        case .none: 0
        case .reordering(let amplitude): Int(generator.nextFraction() * Double(amplitude.nanoseconds))
        case .ordered(let amplitude): wandering(at: time, Double(amplitude.nanoseconds))
        }
    }

    /// Straight lines between random heights that stand two amplitudes apart in time. No line falls by more than half a
    /// second a second, so of two packets the later one always arrives later.
    private func wandering(at time: Int, _ amplitude: Double) -> Int {
        let position = Double(time) / (2 * amplitude)
        let step = position.rounded(.down)
        let from = SplitMix64.fraction(seed: seed, at: Int(step))
        let to = SplitMix64.fraction(seed: seed, at: Int(step) + 1)
        return Int((from + (to - from) * (position - step)) * amplitude)
    }
}
