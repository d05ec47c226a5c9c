/// A number of bytes as an operator writes it: `4096`, `64K`, `1M`, `2G`.
///
/// The units are binary (1K is 1,024 bytes), in either case, and may end in `B` or `iB`. The command line and the
/// configuration file read sizes with this one type.
public struct SizeText: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Not negative.
    public let bytes: Int

    /// A size that was not read from text. `bytes` is not negative.
    public init(bytes: Int) {
        precondition(bytes >= 0, "a size is not negative")
        self.bytes = bytes
    }

    /// Reads one of the forms above. Throws `SizeTextError` for every other text, and for what an `Int` cannot hold.
    public init(parsing text: String) throws(SizeTextError) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text[digits.endIndex...].lowercased()
        guard !digits.isEmpty else {
            throw SizeTextError(text: text, problem: Self.problemWithoutDigits(text))
        }
        guard let factor = Self.factors[unit] else {
            throw SizeTextError(text: text, problem: Self.problem(withUnit: unit))
        }
        guard let count = Int(digits),
            case (let bytes, let overflow) = count.multipliedReportingOverflow(by: factor),
            !overflow
        else {
            throw SizeTextError(text: text, problem: "it is too large")
        }
        self.bytes = bytes
    }

    /// The shortest text that reads back as exactly this size.
    public var description: String {
        for (unit, factor) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]
        where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)"
    }

    public static func < (left: SizeText, right: SizeText) -> Bool {
        left.bytes < right.bytes
    }

    private static let factors: [String: Int] = [
        "": 1, "b": 1,
        "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10,
        "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20,
        "g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30,
    ]

    private static func problemWithoutDigits(_ text: String) -> String {
        if text.isEmpty { return "it is empty" }
        return text.hasPrefix("-") ? "a size is not negative" : "it does not start with a digit"
    }

    private static func problem(withUnit unit: String) -> String {
        if unit.hasPrefix(".") || unit.hasPrefix(",") { return "it is not a whole number" }
        return "'\(unit)' is not a unit"
    }
}

/// Why a text is no size.
public struct SizeTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole text that was read.
    public let text: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String
    /// The forms that are understood, for the end of an error message.
    public static let allowed = "bytes, or K, M, G in units of 1024, as in 4096, 64K, 1M or 2G"

    /// The text and what is wrong with it, without the allowed forms.
    public var reason: String { "'\(text)' is not a size: \(problem)" }
    public var description: String { "\(reason) (allowed: \(Self.allowed))" }
}
