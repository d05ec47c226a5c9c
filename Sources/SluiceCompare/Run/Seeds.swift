import SluiceRandom

/// Where everything that is drawn comes from: equal words, equal numbers, in every release and on every machine.
enum Seeds {
    /// A seed of its own for what these words name.
    static func derive(_ seed: UInt64, _ words: String...) -> UInt64 {
        // FNV-1a, 64 bits; the mixing of SplitMix64 spreads what it leaves close together.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in words.joined(separator: "/").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var mixer = SplitMix64(seed: hash ^ seed)
        return mixer.next()
    }
}

/// The order of the candidates: drawn once, and in each round begun with another one.
struct Rotation {
    private let order: [Candidate]

    init(_ candidates: [Candidate], seed: UInt64) {
        var random = SplitMix64(seed: Seeds.derive(seed, "rotation"))
        order = candidates.shuffled(using: &random)
    }

    /// - Parameter round: from 1.
    func candidates(round: Int) -> [Candidate] {
        guard !order.isEmpty else { return [] }
        let first = (round - 1) % order.count
        return Array(order[first...] + order[..<first])
    }
}
