import Foundation

/// One scrape of `/metrics`.
struct Metrics {
    let text: String
    private let samples: [Sample]

    private struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    init(parsing text: String) {
        self.text = text
        samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { Self.sample(in: $0) }
    }

    /// The sum of a metric's samples that have these labels. Throws when there is none: a misspelt name must not pass
    /// for zero.
    func sum(_ name: String, _ labels: [String: String] = [:]) throws -> Double {
        let matching = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        guard !matching.isEmpty else {
            throw MissingMetric(description: "no sample of \(name) with \(labels)")
        }
        return matching.reduce(0) { $0 + $1.value }
    }

    private static func sample(in line: Substring) -> Sample? {
        guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...])
        else { return nil }
        let series = line[..<space]
        guard let brace = series.firstIndex(of: "{") else {
            return Sample(name: String(series), labels: [:], value: value)
        }
        let pairs = series[series.index(after: brace)...].dropLast().matches(
            of: /([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"/
        )
        let labels = pairs.map { (String($0.output.1), String($0.output.2)) }
        return Sample(
            name: String(series[..<brace]),
            labels: Dictionary(uniqueKeysWithValues: labels),
            value: value
        )
    }
}

struct MissingMetric: Error, CustomStringConvertible {
    let description: String
}
