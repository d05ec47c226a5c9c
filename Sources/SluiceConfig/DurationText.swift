import SluiceCore

/// A span of time as an operator writes it: `250ms`, `5s`, `2m`, `1h`.
///
/// A bare number is refused: proxies disagree whether it means seconds or milliseconds. The command line and the
/// configuration file read durations with this one type.
public struct DurationText: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Not negative, in whole milliseconds.
    public let duration: Duration

    /// A duration that was not read from text. It is not negative, and its fractions of a millisecond are dropped.
    public init(_ duration: Duration) {
        precondition(duration >= .zero, "a duration is not negative")
        self.duration = .milliseconds(Self.milliseconds(duration))
    }

    /// Reads one of the forms above. Throws `DurationTextError` for every other text.
    public init(parsing text: String) throws(DurationTextError) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = String(text[digits.endIndex...])
        guard !digits.isEmpty else {
            throw DurationTextError(text: text, problem: Self.problemWithoutDigits(text))
        }
        guard let factor = Self.units.first(where: { $0.name == unit })?.milliseconds else {
            throw DurationTextError(text: text, problem: Self.problem(withUnit: unit))
        }
        guard let count = Int64(digits),
            case (let milliseconds, let overflow) = count.multipliedReportingOverflow(by: factor),
            !overflow
        else {
            throw DurationTextError(text: text, problem: "it is too long")
        }
        duration = .milliseconds(milliseconds)
    }

    /// The shortest text that reads back as exactly this duration.
    public var description: String {
        let milliseconds = Self.milliseconds(duration)
        for unit in Self.units.reversed()
        where milliseconds >= unit.milliseconds && milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }

    public static func < (left: DurationText, right: DurationText) -> Bool {
        left.duration < right.duration
    }

    /// Smallest first.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    private static func problemWithoutDigits(_ text: String) -> String {
        if text.isEmpty { return "it is empty" }
        return text.hasPrefix("-") ? "a duration is not negative" : "it does not start with a digit"
    }

    private static func problem(withUnit unit: String) -> String {
        if unit.isEmpty { return "a bare number has no unit" }
        if unit.hasPrefix(".") || unit.hasPrefix(",") { return "it is not a whole number" }
        return "'\(unit)' is not a unit"
    }
}

/// Why a text is no duration.
public struct DurationTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole text that was read.
    public let text: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String
    /// The forms that are understood, for the end of an error message.
    public static let allowed = "a whole number with ms, s, m or h, as in 250ms, 5s, 2m or 1h"

    /// The text and what is wrong with it, without the allowed forms.
    public var reason: String { "'\(text)' is not a duration: \(problem)" }
    public var description: String { "\(reason) (allowed: \(Self.allowed))" }
}

extension IdleTimeout {
    /// Reads `never`, or a duration. Throws `DurationTextError`.
    public init(parsing text: String) throws(DurationTextError) {
        self = text == "never" ? .never : .after(try DurationText(parsing: text).duration)
    }
}
