/// Why a text describes no link. Says which part, and what is allowed there.
public struct LinkSpecificationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The part of the text that is wrong: `queue=12potatoes`.
    public let part: String
    /// What is wrong with it.
    public let problem: String
    /// What is allowed in its place.
    public let allowed: String

    public var description: String { "link: '\(part)': \(problem) (allowed: \(allowed))" }
}
