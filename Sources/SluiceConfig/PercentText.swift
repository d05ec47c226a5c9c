/// A share as an operator writes it: `5%`, `0.25%`.
public struct PercentText: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Hundredths of a percent.
    private let hundredths: Int

    /// From 0 to 1.
    public var share: Double { Double(hundredths) / 10_000 }

    /// A share that was not read from text, rounded to hundredths of a percent.
    public init(share: Double) { hundredths = Int((share * 10_000).rounded()) }

    /// `nil`: the text is no percentage with at most two decimals.
    public init?(parsing text: String) {
        guard let match = text.wholeMatch(of: /([0-9]{1,3})(?:\.([0-9]{1,2}))?%/), let whole = Int(match.1)
        else {
            return nil
        }
        let decimals = match.2.map { String($0) + String(repeating: "0", count: 2 - $0.count) } ?? "0"
        hundredths = whole * 100 + (Int(decimals) ?? 0)
    }

    /// The shortest text that reads back as this.
    public var description: String {
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(whole)%" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)%" : "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }

    public static func < (left: PercentText, right: PercentText) -> Bool {
        left.hundredths < right.hundredths
    }
}
