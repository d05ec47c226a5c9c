// Small conveniences over FlyingFox's requests and responses.

import FlyingFox
import Foundation

extension HTTPResponse {
    /// A response with a plain text body.
    static func text(_ text: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: Data(text.utf8)
        )
    }

    /// A response whose body is `value` as one JSON object.
    static func json(_ value: some Encodable, status: HTTPStatusCode = .ok) throws -> HTTPResponse {
        HTTPResponse(
            statusCode: status,
            headers: [.contentType: "application/json; charset=utf-8"],
            body: try OllamaJSON.encode(value)
        )
    }

    /// A refusal in Ollama's shape: `{"error":"..."}`.
    static func error(_ error: RequestError) throws -> HTTPResponse {
        try json(["error": error.message], status: error.status)
    }
}

extension HTTPRequest {
    /// The whole body, if it is no larger than `limit` bytes.
    /// - Throws: `RequestError` with 413 for a larger one, before more than `limit` bytes are held.
    func body(limit: Int) async throws -> Data {
        let tooLarge = RequestError(
            status: .payloadTooLarge,
            message: "the body is larger than \(limit) bytes"
        )
        guard bodySequence.count ?? 0 <= limit else { throw tooLarge }
        var body = Data()
        for try await part in bodySequence {
            guard body.count + part.count <= limit else { throw tooLarge }
            body.append(part)
        }
        return body
    }
}
