import SluiceRandom

/// A path drawn from all that are promised to work: 1 Mbit/s to 1 Gbit/s, 0.2 to 300 ms, queues of half a BDP to 20, loss up to
/// 2 %, with and without jitter.
struct RandomPath: CustomStringConvertible {
    /// Bytes per second.
    var rate: Double
    /// Seconds.
    var roundTrip: Double
    /// In BDP.
    var queue: Double
    var lossChance: Double
    /// Seconds.
    var jitter: Double

    /// The smallest queue that anybody builds, bytes.
    private static let leastQueue = 16.0 * 1514

    static func generator(_ seed: UInt64) -> SplitMix64 { SplitMix64(seed: seed &* 0x9E37_79B9 &+ 1) }

    /// - Parameters:
    ///   - fastest: bytes per second at most.
    ///   - loses: whether the path may lose more than its queue drops: half of those that may do.
    init(
        _ random: inout SplitMix64,
        fastest: Double = 125e6,
        queues: ClosedRange<Double> = 0.5...20,
        loses: Bool = true
    ) {
        rate = random.logarithmic(125_000, fastest)
        roundTrip = random.logarithmic(0.0002, 0.3)
        queue = random.logarithmic(queues.lowerBound, queues.upperBound)
        let (loss, jitter) = (random.nextFraction(), random.nextFraction())
        lossChance = loses && loss > 0.5 ? (loss - 0.5) * 0.04 : 0
        self.jitter = jitter > 0.5 ? (jitter - 0.5) * roundTrip * 0.4 : 0
    }

    init(rate: Double, roundTrip: Double, queue: Double, lossChance: Double = 0, jitter: Double = 0) {
        self.rate = rate
        self.roundTrip = roundTrip
        self.queue = queue
        self.lossChance = lossChance
        self.jitter = jitter
    }

    var bandwidthDelayProduct: Double { rate * roundTrip }

    var options: SimulatedLink.Options {
        var options = SimulatedLink.Options(
            rate: RateSchedule(rate),
            roundTrip: roundTrip,
            queueCapacity: max(queue * bandwidthDelayProduct, Self.leastQueue)
        )
        options.lossChance = lossChance
        options.jitter = jitter
        return options
    }

    var description: String {
        func short(_ value: Double) -> String { String(Double(Int(value * 1000 + 0.5)) / 1000) }
        return "\(short(rate / 125_000)) Mbit/s, \(short(roundTrip * 1000)) ms, queue \(short(queue)) BDP, "
            + "loss \(short(lossChance * 100)) %, jitter \(short(jitter * 1000)) ms"
    }
}

extension [Double] {
    /// R. Jain, D. Chiu, W. Hawe, DEC-TR-301, 1984: 1 when all are equal, 1/n when one has everything.
    var jainIndex: Double {
        let sum = reduce(0, +)
        let squares = reduce(0) { $0 + $1 * $1 }
        return squares > 0 ? sum * sum / (Double(count) * squares) : 1
    }
}
