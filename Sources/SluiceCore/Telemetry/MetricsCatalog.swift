import SluiceMetrics

/// Every metric that Sluice shows. docs/METRICS.md explains each one; a test holds the two together.
///
/// A family and the code that fills it stand side by side in an `Entry`, so neither can be forgotten. Every series
/// exists from the start, at zero: Prometheus' `rate()` and `increase()` do not see the first step of a counter that
/// appears with it. All label values come from the configuration and from enumerations, so their number is bounded.
public enum MetricsCatalog {
    /// A family, and how its samples come out of a snapshot.
    struct Entry: Sendable {
        let family: MetricFamily
        let write: @Sendable (MetricsSnapshot, inout PrometheusText.Samples) -> Void

        init(
            _ kind: MetricFamily.Kind,
            _ name: String,
            labels: [String] = [],
            help: String,
            write: @escaping @Sendable (MetricsSnapshot, inout PrometheusText.Samples) -> Void
        ) {
            self.family = MetricFamily(kind, name, labels: labels, help: help)
            self.write = write
        }
    }

    static let entries = connections + origins + traffic + adaptation + arms + workers + process

    /// Every family, in the order in which `render` writes them.
    public static var families: [MetricFamily] { entries.map(\.family) }

    /// The snapshot in the Prometheus text format (`PrometheusText.contentType`).
    public static func render(_ snapshot: MetricsSnapshot) -> String {
        var output = PrometheusText()
        for entry in entries {
            output.append(entry.family) { entry.write(snapshot, &$0) }
        }
        return output.text
    }
}
