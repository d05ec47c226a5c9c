// An origin for a test, on a port that the kernel chose.

import Foundation

@testable import SluiceDemo

/// Runs `body` with a started origin, and stops the origin when it ends.
/// - Parameter body: gets the origin's port, and the ends of streamed generations as they happen.
func withOrigin(
    tokensPerSecond: Double = 100_000,
    _ body: (UInt16, AsyncStream<GenerationEnd>) async throws -> Void
) async throws {
    let (ends, continuation) = AsyncStream.makeStream(of: GenerationEnd.self)
    let origin = try DemoOrigin(tokensPerSecond: tokensPerSecond) { continuation.yield($0) }
    let port = try await origin.start()
    do {
        try await body(port, ends)
    } catch {
        await origin.stop()
        throw error
    }
    await origin.stop()
}

/// Reads Ollama's JSON as its clients do.
func decode<Value: Decodable>(_ type: Value.Type, from json: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .custom { decoder in
        let text = try decoder.singleValueContainer().decode(String.self)
        return try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
    return try decoder.decode(type, from: json)
}

/// The message of an error response.
func errorMessage(in body: Data) throws -> String? {
    try decode([String: String].self, from: body)["error"]
}
