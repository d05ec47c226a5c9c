/// What is fixed about a metric: its name, its type, its label names and its help text. One family has one series
/// for each combination of label values.
public struct MetricFamily: Sendable, Hashable {
    /// The metric types of the Prometheus text format that Sluice uses.
    public enum Kind: String, Sendable, Hashable {
        case counter, gauge, histogram
    }

    /// With its unit (`_seconds`, `_bytes`), and `_total` if it is a counter.
    public let name: String
    public let kind: Kind
    /// Label names, in the order in which `PrometheusText.Samples` takes their values.
    public let labels: [String]
    /// One sentence for the `# HELP` line.
    public let help: String

    /// Traps on names that Prometheus does not take: families are written down in the source, never computed.
    public init(_ kind: Kind, _ name: String, labels: [String] = [], help: String) {
        precondition(Self.isName(name, colons: true), "'\(name)' is no metric name")
        precondition(labels.allSatisfy { Self.isName($0, colons: false) }, "\(name) has a bad label name")
        precondition(!labels.contains("le"), "'le' belongs to the buckets of a histogram")
        precondition((kind == .counter) == name.hasSuffix("_total"), "counters, and no others, end in _total")
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    private static func isName(_ text: String, colons: Bool) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || (colons && $0 == ":"))
        }
    }
}
