import Foundation
import SluiceLab
import SluiceRandom

/// Paths and loads that are drawn: what a policy must cope with, and cannot have been tuned to.
public struct RandomCells: Sendable {
    private let seed: UInt64
    private let topBitsPerSecond: Double

    static let bitsPerSecond = 1e6...1e9
    static let roundTripMilliseconds = 0.2...300.0
    static let queueBandwidthDelayProducts = 0.5...20.0
    static let lossPercent = 0.1...2.0

    /// - Parameter topBitsPerSecond: the fastest link, at least 1 Mbit/s; 1 Gbit/s unless said otherwise. An emulator on
    ///   a busy machine may not keep up with that.
    public init(seed: UInt64, topBitsPerSecond: UInt64? = nil) {
        self.seed = seed
        let top = topBitsPerSecond.map { Double($0) } ?? Self.bitsPerSecond.upperBound
        self.topBitsPerSecond = min(max(top, Self.bitsPerSecond.lowerBound), Self.bitsPerSecond.upperBound)
    }

    /// `count` cells from the `first` on, which is at least 1. The n-th one is the same, however many there are.
    public func scenarios(_ count: Int, from first: Int = 1) -> [Scenario] {
        (first..<first + max(1, count)).map(cell)
    }

    private func cell(_ number: Int) -> Scenario {
        var random = SplitMix64(seed: Seeds.derive(seed, "cell", "\(number)"))
        let link = link(&random)
        let workload = Workload.drawn[random.next(below: Workload.drawn.count)]
        let control = ["cubic", "bbr"][random.next(below: 2)]
        return Scenario(
            "random-" + String(format: "%03d", number),
            "\(workload.title), hosts with \(control).",
            link: link,
            congestionControl: control,
            load: workload.load,
            // Slow paths get through few round trips a second: they take longer to show anything.
            seconds: link.roundTripTime > .milliseconds(100) ? 10 : 6,
            measures: workload.measures
        )
    }

    private func link(_ random: inout SplitMix64) -> LinkSpecification {
        let rate = Self.logarithmic(Self.bitsPerSecond.lowerBound...topBitsPerSecond, &random)
        let delay = Duration.microseconds(
            Int64(Self.logarithmic(Self.roundTripMilliseconds, &random) * 1000 / 2)
        )
        let queue = Self.logarithmic(Self.queueBandwidthDelayProducts, &random)
        let isLossy = random.next(below: 2) == 0
        let loss = Self.logarithmic(Self.lossPercent, &random)
        let isJittery = random.next(below: 2) == 0
        let direction = DirectionSpecification(
            capacity: .bitsPerSecond(Int(rate.rounded())),
            delay: delay,
            queue: .bandwidthDelayProducts((queue * 100).rounded() / 100),
            // A tenth of the delay: much, and still no reordering.
            jitter: isJittery ? .ordered(amplitude: delay / 10) : .none,
            loss: isLossy ? .random((loss * 100).rounded() / 10_000) : .none
        )
        return LinkSpecification(up: direction, down: direction)
    }

    private static func logarithmic(_ range: ClosedRange<Double>, _ random: inout SplitMix64) -> Double {
        let low = log(range.lowerBound)
        return exp(low + random.nextFraction() * (log(range.upperBound) - low))
    }
}
