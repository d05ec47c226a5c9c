// Ollama's JSON, as far as its clients need it to list a model and read a generation.
// Source: Ollama's docs/api.md.

import Foundation

/// One object of an answer to `POST /api/generate`. What is nil is left out; durations are in nanoseconds.
struct OllamaReply: Codable {
    var model: String
    var createdAt: Date
    /// The token; in an answer that is not streamed, the whole text.
    var response: String
    var done: Bool
    var doneReason: String?
    var totalDuration: Int64?
    var loadDuration: Int64?
    var promptEvalCount: Int?
    var promptEvalDuration: Int64?
    var evalCount: Int?
    var evalDuration: Int64?
}

/// The answer to `GET /api/version`.
struct OllamaVersion: Codable {
    var version: String

    /// A semantic version that no release of Ollama has: it promises no feature.
    static let demo = OllamaVersion(version: "0.0.0-demo")
}

/// The answer to `GET /api/tags`.
struct OllamaModels: Codable {
    var models: [Model]

    struct Model: Codable {
        var name: String
        var model: String
        var modifiedAt: Date
        /// Bytes on disk.
        var size: Int
        var digest: String
        var details: Details
    }

    struct Details: Codable {
        var format: String
        var family: String
        var parameterSize: String
        var quantizationLevel: String
    }

    /// The model's name where a request names none.
    static let demoName = "sluice-demo:latest"

    /// The one model. It lives in the program: nothing is on disk, and nothing was ever modified.
    static let demo = OllamaModels(models: [
        Model(
            name: demoName,
            model: demoName,
            modifiedAt: Date(timeIntervalSince1970: 0),
            size: 0,
            digest: String(repeating: "0", count: 64),
            details: Details(
                format: "chain",
                family: "sluice",
                parameterSize: "0B",
                quantizationLevel: "none"
            )
        )
    ])
}

/// Ollama's conventions: snake case keys, RFC 3339 times with fractions of a second.
enum OllamaJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return try encoder.encode(value)
    }
}
