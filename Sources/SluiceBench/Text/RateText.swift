/// A bit rate as iperf3 reads it: `10M`, `1.5G`, `800k`, `64000`, in units of 1000 bits per second.
public struct RateText: Sendable, Hashable, CustomStringConvertible {
    /// At least 1.
    public let bitsPerSecond: UInt64

    /// The forms that are understood, for the end of an error message.
    public static let allowed = "bits per second, or K, M, G in units of 1000, as in 64000, 800K, 10M or 1.5G"

    public init(bitsPerSecond: UInt64) { self.bitsPerSecond = bitsPerSecond }

    /// Throws `TextProblem` for every other text, and for what is less than a bit or more than 1000 Tbit/s.
    public init(parsing text: String) throws(TextProblem) {
        let units: [(String, Double)] = [("", 1), ("k", 1e3), ("m", 1e6), ("g", 1e9)]
        let bits = try NumberWithUnit.parse(text, units: units, what: "a bit rate", allowed: Self.allowed)
        guard (1...1e15).contains(bits) else {
            throw TextProblem(
                "'\(text)' is not a bit rate: it is too \(bits < 1 ? "small" : "large")",
                Self.allowed
            )
        }
        bitsPerSecond = UInt64(bits.rounded())
    }

    /// The shortest text that reads back as exactly this rate.
    public var description: String {
        for (unit, factor) in [("G", 1_000_000_000), ("M", 1_000_000), ("K", 1000)] as [(String, UInt64)]
        where bitsPerSecond >= factor && bitsPerSecond % factor == 0 {
            return "\(bitsPerSecond / factor)\(unit)"
        }
        return "\(bitsPerSecond)"
    }
}

/// A text that is not what it should be.
public struct TextProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ reason: String, _ allowed: String) { description = "\(reason) (allowed: \(allowed))" }
}

/// A decimal number, and a unit that multiplies it.
enum NumberWithUnit {
    static func parse(
        _ text: String,
        units: [(name: String, factor: Double)],
        what: String,
        allowed: String
    ) throws(TextProblem) -> Double {
        // No exponents, signs or hexadecimal digits, which Double reads as well.
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text[digits.endIndex...].lowercased()
        guard let first = digits.first, first != ".", digits.last != ".", let number = Double(digits) else {
            throw TextProblem("'\(text)' is not \(what): it does not start with a number", allowed)
        }
        guard let factor = units.first(where: { $0.name == unit })?.factor else {
            throw TextProblem("'\(text)' is not \(what): '\(unit)' is not a unit", allowed)
        }
        return number * factor
    }
}
