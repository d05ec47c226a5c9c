// Which request gets which answer.

import FlyingFox
import Foundation

/// The demo origin's routes.
struct DemoRoutes: Sendable {
    /// The rate for requests that name none.
    let tokensPerSecond: Double
    /// Told once for every streamed generation, when it ends.
    let onGenerationEnd: @Sendable (GenerationEnd) -> Void

    func handler() -> RoutedHTTPHandler {
        var routes = RoutedHTTPHandler()
        routes.appendRoute("GET /") { _ in .text(Self.index) }
        // Ollama's own client asks so whether a server is there.
        routes.appendRoute("HEAD /") { _ in HTTPResponse(statusCode: .ok) }
        routes.appendRoute("GET /api/version") { _ in try .json(OllamaVersion.demo) }
        routes.appendRoute("GET /api/tags") { _ in try .json(OllamaModels.demo) }
        routes.appendRoute("POST /api/generate", handler: answering(generate))
        routes.appendRoute("GET /bytes", handler: answering(bytes))
        routes.appendRoute("POST /echo", handler: answering(echo))
        routes.appendRoute("*") { request in
            try .error(
                .init(
                    status: .notFound,
                    message: "no \(request.method.rawValue) \(request.path) here; see GET /"
                )
            )
        }
        return routes
    }

    private func generate(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.body(limit: GenerateRequest.maximumBytes)
        let generation = try GenerateRequest(json: body).generation(defaultRate: tokensPerSecond)
        guard generation.isStreamed else {
            return try await .json(generation.reply())
        }
        return HTTPResponse(
            statusCode: .ok,
            headers: [.contentType: "application/x-ndjson"],
            body: HTTPBodySequence(from: TokenStream(generation: generation, onEnd: onGenerationEnd))
        )
    }

    private func bytes(_ request: HTTPRequest) async throws -> HTTPResponse {
        let bulk = try BulkBytes(query: request.query)
        return HTTPResponse(
            statusCode: .ok,
            headers: [.contentType: "application/octet-stream"],
            body: HTTPBodySequence(from: bulk, count: bulk.size, suggestedBufferSize: BulkBytes.bufferSize)
        )
    }

    private func echo(_ request: HTTPRequest) async throws -> HTTPResponse {
        HTTPResponse(
            statusCode: .ok,
            headers: [.contentType: request.headers[.contentType] ?? "application/octet-stream"],
            body: request.echoBody
        )
    }

    /// Turns a `RequestError` into the response that it describes.
    private func answering(
        _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) -> @Sendable (HTTPRequest) async throws -> HTTPResponse {
        { request in
            do {
                return try await handler(request)
            } catch let error as RequestError {
                return try .error(error)
            }
        }
    }

    private static let index = """
        The demo origin of Sluice.

        POST /api/generate   a token stream as Ollama sends it: {"model":"\(OllamaModels.demoName)","prompt":"...",
                             "stream":true,"options":{"seed":42,"num_predict":100,"tokens_per_second":30}}
        GET  /api/tags       the models, for Ollama clients
        GET  /api/version    the version, for Ollama clients
        GET  /bytes          bulk bytes: ?size=100M&seed=1, the same bytes for the same seed
        POST /echo           the request's body, sent back

        """
}
