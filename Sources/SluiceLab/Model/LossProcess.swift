import SluiceRandom

/// Decides which packets are lost.
struct LossProcess {
    private let loss: PacketLoss
    private var isBad = false

    init(_ loss: PacketLoss) {
        self.loss = loss
    }

    /// Asked once for each packet, in order.
    mutating func losesNext(_ generator: inout SplitMix64) -> Bool {
        switch loss {
        case .none:
            return false
        case .random(let probability):
            return generator.nextFraction() < probability
        case .gilbertElliott(let toBad, let toGood, let lossInBad, let lossInGood):
            if generator.nextFraction() < (isBad ? toGood : toBad) { isBad.toggle() }
            return generator.nextFraction() < (isBad ? lossInBad : lossInGood)
        }
    }
}
