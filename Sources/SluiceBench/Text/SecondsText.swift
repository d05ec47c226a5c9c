/// A length of time as iperf3 reads it, and a little more: `10`, `0.5` (seconds), `200ms`, `10s`, `2m`, `1h`.
///
/// Unlike the configuration file, the bench takes a bare number: `-t 10` is in everybody's fingers.
public struct SecondsText: Sendable, Hashable {
    public let seconds: Double

    /// The forms that are understood, for the end of an error message.
    public static let allowed = "seconds, or a number with ms, s, m or h, as in 10, 0.5, 200ms or 2m"

    /// Throws `TextProblem` for every other text, and for more than a year.
    public init(parsing text: String) throws(TextProblem) {
        let units: [(String, Double)] = [("", 1), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)]
        seconds = try NumberWithUnit.parse(
            text,
            units: units,
            what: "a length of time",
            allowed: Self.allowed
        )
        guard seconds <= 31_536_000 else {
            throw TextProblem("'\(text)' is not a length of time: it is too long", Self.allowed)
        }
    }
}
