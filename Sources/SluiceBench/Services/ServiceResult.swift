import Foundation

/// What a run of an application's requests measured.
public struct ServiceResult: Codable, Sendable {
    /// Of this document: raised when a field changes its meaning.
    public var schema = 1
    public var plan: ServicePlan
    /// The exact command.
    public var command: [String]
    /// When the run began: ISO 8601, UTC.
    public var date: String
    /// From the first request to the end of the last.
    public var seconds: Double
    /// Stopped by a signal before its end.
    public var wasInterrupted: Bool
    /// What broke it off.
    public var problem: String?
    public var facts: EndpointFacts
    public var latencies: [LatencyResult]
    public var tallies: [Tally: UInt64]
}

extension ServiceResult {
    /// The whole result, its keys in order.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Reads what `json` wrote.
    public init(json: String) throws {
        self = try JSONDecoder().decode(ServiceResult.self, from: Data(json.utf8))
    }

    public func latency(_ metric: Metric) -> LatencyHistogram? {
        latencies.first { $0.metric == metric }?.histogram
    }

    /// What it came to, for a terminal.
    public var summary: [String] {
        let notes = wasInterrupted ? ["stopped after \(Figures.number(seconds)) s", ""] : []
        let counts = Tally.allCases.compactMap { tally in
            tallies[tally].map { tally.text($0, in: seconds) }
        }
        return notes + LatencyTable(latencies).lines + (latencies.isEmpty ? [] : [""]) + counts
    }
}
