import Foundation

/// How values of one kind lie along a chart's edge, from 0 to 1, and where the edge is marked.
package struct Axis: Sendable {
    package struct Tick: Sendable, Equatable {
        package var position: Double
        package var label: String
    }

    package let title: String
    package let ticks: [Tick]
    private let place: @Sendable (Double) -> Double

    /// Where `value` lies; what is beyond an end lies on it.
    package func position(_ value: Double) -> Double { min(1, max(0, place(value))) }

    /// From 0 to a round number at or above `maximum`.
    package static func linear(_ title: String, upTo maximum: Double, label: (Double) -> String) -> Axis {
        let step = roundStep(maximum > 0 && maximum.isFinite ? maximum / 4 : 0.25)
        let count = max(1, (maximum / step - 1e-9).rounded(.up))
        let top = step * count
        let ticks = (0...Int(count)).map { index in
            // Zero is zero in every unit.
            Tick(position: Double(index) / count, label: index == 0 ? "0" : label(Double(index) * step))
        }
        return Axis(title: title, ticks: ticks) { $0 / top }
    }

    /// From 0 to exactly `end`, marked at round numbers.
    package static func time(_ title: String, upTo end: Double) -> Axis {
        let end = max(end, 0.001)
        let step = roundStep(end / 6)
        let ticks = stride(from: 0, through: end * 1.000_001, by: step).map {
            Tick(position: $0 / end, label: Figures.number($0))
        }
        return Axis(title: title, ticks: ticks) { $0 / end }
    }

    /// Powers of ten around what is there.
    package static func logarithmic(_ title: String, _ range: ClosedRange<Double>, label: (Double) -> String)
        -> Axis
    {
        let low = log10(max(range.lowerBound, 1)).rounded(.down)
        let high = max(low + 1, log10(max(range.upperBound, 1)).rounded(.up))
        let ticks = (0...Int(high - low)).map { index in
            Tick(position: Double(index) / (high - low), label: label(pow(10, low + Double(index))))
        }
        return Axis(title: title, ticks: ticks) { (log10(max($0, 1)) - low) / (high - low) }
    }

    /// Shares of a distribution, so that each further nine takes the same room: 0, 90 %, 99 %, 99.9 % and so on.
    package static func nines(_ title: String, samples: UInt64) -> Axis {
        let nines = min(5, max(2, log10(Double(max(samples, 1))).rounded(.up)))
        let ticks = (0...Int(nines)).map { index in
            Tick(position: Double(index) / nines, label: label(nines: index))
        }
        // Next to many nines there is no room for the half.
        let half = nines > 4 ? [] : [Tick(position: log10(2) / nines, label: "50 %")]
        return Axis(title: title, ticks: ticks + half) {
            -log10(max(1 - $0, 1e-12)) / nines
        }
    }

    private static func label(nines: Int) -> String {
        switch nines {
        case 0: "0 %"
        case 1, 2: String(repeating: "9", count: nines) + (nines == 1 ? "0 %" : " %")
        default: "99.\(String(repeating: "9", count: nines - 2)) %"
        }
    }

    /// 1, 2 or 5 times a power of ten, at or above `raw`.
    private static func roundStep(_ raw: Double) -> Double {
        let power = pow(10, log10(raw).rounded(.down))
        return ([1, 2, 5, 10].first { $0 * power >= raw * 0.999_999 } ?? 10) * power
    }
}
