// Numbers for people: three digits that count, and a unit.

import Foundation
import SluiceLab

/// How figures are written in lines, tables and reports.
public enum Figures {
    /// `941 Mbit/s`.
    public static func rate(_ bitsPerSecond: Double) -> String {
        scaled(bitsPerSecond, step: 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
    }

    /// `1.10 GiB`.
    public static func bytes(_ bytes: UInt64) -> String {
        scaled(Double(bytes), step: 1024, ["B", "KiB", "MiB", "GiB", "TiB"])
    }

    /// `12.3 ms`, from nanoseconds.
    public static func duration(_ nanoseconds: Double) -> String {
        scaled(nanoseconds, step: 1000, ["ns", "µs", "ms", "s"])
    }

    public static func duration(_ nanoseconds: UInt64) -> String { duration(Double(nanoseconds)) }

    /// `27.1`, `1340`: no more digits than count.
    public static func number(_ value: Double) -> String {
        let digits = value.magnitude >= 100 || value == value.rounded() ? 0 : value.magnitude >= 10 ? 1 : 2
        return String(format: "%.\(digits)f", value)
    }

    /// Each of these of a link's queue.
    static func delays(_ delay: DelaySummary, _ values: KeyPath<DelaySummary, Double>...) -> [String] {
        values.map { duration(delay[keyPath: $0] * 1e6) }
    }

    /// Packets by cause, without causes that dropped none: `12 queue full, 3 loss`.
    static func drops(_ drops: DropCounts) -> String {
        let causes = [
            (drops.queueFull, "queue full"), (drops.coDel, "CoDel"), (drops.loss, "loss"),
            (drops.emulator, "emulator"),
        ]
        let texts = causes.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return texts.isEmpty ? "none" : texts.joined(separator: ", ")
    }

    private static func scaled(_ value: Double, step: Double, _ units: [String]) -> String {
        var value = value
        var index = 0
        // What would be written as 1000 takes the next unit.
        while value >= step * 0.9995, index < units.count - 1 {
            value /= step
            index += 1
        }
        return "\(number(value)) \(units[index])"
    }
}
