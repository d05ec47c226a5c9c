/// Writes metric families in the Prometheus text exposition format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
public struct PrometheusText: Sendable {
    /// The `Content-Type` of what this writes.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What was written so far. Ends in a line feed, as the format asks.
    public private(set) var text = ""

    public init() {}

    /// Writes the family's head, and the samples that `write` adds. Each family is written once.
    public mutating func append(_ family: MetricFamily, _ write: (inout Samples) -> Void) {
        text += "# HELP \(family.name) \(Self.escaped(help: family.help))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        var samples = Samples(family: family)
        write(&samples)
        text += samples.lines
    }

    /// The samples of one family.
    public struct Samples: Sendable {
        let family: MetricFamily
        fileprivate var lines = ""

        /// One series of a counter or a gauge. `labelValues` stand in the order of the family's label names.
        public mutating func add(_ value: Double, _ labelValues: String...) {
            add(number: PrometheusText.number(value), labelValues)
        }

        /// The same for whole numbers: written exactly, however large.
        public mutating func add(_ value: some BinaryInteger, _ labelValues: String...) {
            add(number: String(value), labelValues)
        }

        private mutating func add(number: String, _ labelValues: [String]) {
            precondition(family.kind != .histogram, "\(family.name) is a histogram")
            line(family.name, pairs(labelValues), number)
        }

        /// One series of a histogram: its buckets (cumulative, as the format has them), sum and count.
        public mutating func add(_ histogram: Histogram, _ labelValues: String...) {
            precondition(family.kind == .histogram, "\(family.name) is no histogram")
            let labels = pairs(labelValues)
            var total: UInt64 = 0
            for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
                total += count
                line(family.name + "_bucket", labels + [("le", PrometheusText.number(bound))], String(total))
            }
            line(family.name + "_sum", labels, PrometheusText.number(histogram.sum))
            line(family.name + "_count", labels, String(total))
        }

        private func pairs(_ values: [String]) -> [(String, String)] {
            precondition(values.count == family.labels.count, "\(family.name) has labels \(family.labels)")
            return Array(zip(family.labels, values))
        }

        private mutating func line(_ name: String, _ labels: [(String, String)], _ number: String) {
            lines += name
            if !labels.isEmpty {
                let list = labels.map { "\($0)=\"\(PrometheusText.escaped(labelValue: $1))\"" }
                lines += "{\(list.joined(separator: ","))}"
            }
            lines += " \(number)\n"
        }
    }

    /// Whole numbers without a fraction, infinities as the format spells them, everything else as Swift writes it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    private static func escaped(labelValue text: String) -> String {
        escaped(text, quotes: true)
    }

    private static func escaped(help text: String) -> String {
        escaped(text, quotes: false)
    }

    /// Works on scalars: in Swift, a carriage return and a line feed are one `Character`.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: result.append(contentsOf: "\\\"".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
