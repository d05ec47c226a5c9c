import Foundation

/// Figures as people read them.
enum FigureText {
    /// Binary units, as the configuration has them: `64 KiB`.
    static func bytes(_ count: some BinaryInteger) -> String {
        var (value, unit) = (Double(count), 0)
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(short(value)) \(units[unit])"
    }

    private static let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]

    /// Bits, as links are sold.
    static func rate(_ bytesPerSecond: Double) -> String {
        let bits = bytesPerSecond * 8
        if bits >= 1e9 { return "\(short(bits / 1e9)) Gbit/s" }
        return bits >= 1e6 ? "\(short(bits / 1e6)) Mbit/s" : "\(short(bits / 1e3)) kbit/s"
    }

    /// Of a round trip: those of one host take microseconds.
    static func roundTrip(_ seconds: Double) -> String {
        seconds < 0.0001 ? "\(short(seconds * 1e6)) µs" : "\(short(seconds * 1000)) ms"
    }

    static func percent(_ share: Double) -> String { "\(short(share * 100)) %" }

    static func duration(_ seconds: Double) -> String {
        if seconds < 120 { return "\(short(seconds)) s" }
        let minutes = Int(seconds) / 60
        if minutes < 120 { return "\(minutes) min" }
        return minutes < 2880 ? "\(minutes / 60) h \(minutes % 60) min" : "\(minutes / 1440) days"
    }

    /// Three digits at most, and none after the point where there are two before it.
    private static func short(_ value: Double) -> String {
        let decimals = value >= 10 ? 0 : value >= 1 ? 1 : 2
        let text = String(format: "%.\(decimals)f", value)
        guard text.contains(".") else { return text }
        return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
    }
}
