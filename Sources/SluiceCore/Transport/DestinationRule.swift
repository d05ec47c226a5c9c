/// Destinations that a connection may be relayed to: a prefix, and ports of it. `10.0.0.0/8` (every port),
/// `10.0.0.0/8:5432`, `0.0.0.0/0:8000-8999`, `[2001:db8::/32]:443`.
public struct DestinationRule: Sendable, Hashable {
    private let prefix: AddressPrefix
    private let ports: ClosedRange<UInt16>
    private let isIPv6: Bool

    /// Reads one of the text forms above. Throws `DestinationRuleError`.
    public init(parsing text: String) throws(DestinationRuleError) {
        let (prefix, ports) = try Self.split(text)
        do {
            self.prefix = try AddressPrefix(parsing: String(prefix))
        } catch {
            throw DestinationRuleError(text: text, problem: error.problem)
        }
        self.ports =
            try ports.map { part throws(DestinationRuleError) in try Self.ports(part, of: text) }
            ?? 1...(.max)
        isIPv6 = prefix.contains(":")
    }

    /// Whether connections to `address` are allowed by this rule.
    package func allows(_ address: SocketAddress) -> Bool {
        ports.contains(address.port) && prefix.contains(address)
    }

    private static func split(_ text: String) throws(DestinationRuleError) -> (Substring, Substring?) {
        guard text.hasPrefix("[") else {
            guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon else {
                return (text[...], nil)
            }
            return (text[..<colon], text[text.index(after: colon)...])
        }
        guard let bracket = text.firstIndex(of: "]") else {
            throw DestinationRuleError(text: text, problem: "the bracket is not closed")
        }
        let prefix = text[..<bracket].dropFirst()
        let rest = text[text.index(after: bracket)...]
        guard rest.isEmpty || rest.hasPrefix(":") else {
            throw DestinationRuleError(text: text, problem: "after the bracket comes ':' and a port")
        }
        return (prefix, rest.isEmpty ? nil : rest.dropFirst())
    }

    private static func ports(
        _ text: Substring,
        of whole: String
    ) throws(DestinationRuleError) -> ClosedRange<UInt16> {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { end in
            end.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(end) : nil
        }
        guard let lowest = ends[0], let highest = ends.last ?? nil, 1 <= lowest, lowest <= highest else {
            throw DestinationRuleError(
                text: whole,
                problem: "the ports are one from 1 to 65535, or two with '-'"
            )
        }
        return lowest...highest
    }
}

extension DestinationRule: CustomStringConvertible {
    public var description: String {
        guard ports != 1...(.max) else { return prefix.description }
        let host = isIPv6 ? "[\(prefix)]" : prefix.description
        return ports.count == 1
            ? "\(host):\(ports.lowerBound)" : "\(host):\(ports.lowerBound)-\(ports.upperBound)"
    }
}

/// Why a text is no rule for destinations.
public struct DestinationRuleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole text that was read.
    public let text: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String
    /// The forms that are understood, for the end of an error message.
    public static let allowed = "10.0.0.0/8, 10.0.0.0/8:5432, 0.0.0.0/0:8000-8999, [2001:db8::/32]:443"

    /// The text and what is wrong with it, without the allowed forms.
    public var reason: String { "'\(text)' is not a destination: \(problem)" }
    public var description: String { "\(reason) (allowed: \(Self.allowed))" }
}
