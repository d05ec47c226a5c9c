import FlyingFox
import Foundation
import SluiceCore
import SluiceMetrics

/// Answers the requests of the admin server.
struct AdminEndpoints: HTTPHandler {
    /// The paths, in the order in which the index lists them.
    enum Endpoint: String, CaseIterable {
        case index = "/"
        case metrics = "/metrics"
        case live = "/livez"
        case ready = "/readyz"
        case connections = "/connections"

        var summary: String {
            switch self {
            case .index: "this list"
            case .metrics: "metrics in the Prometheus text format"
            case .live: "200 while the process answers"
            case .ready: "200 while new connections are accepted, 503 while the proxy drains"
            case .connections: "live connections as JSON; ?route=NAME and ?limit=COUNT narrow them"
            }
        }
    }

    let proxy: any ProxyInspection

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let endpoint = Endpoint(rawValue: request.path) else {
            return .text(.notFound, "no such path; there are:\n\(Self.index)")
        }
        guard request.method == .GET || request.method == .HEAD else {
            var response = HTTPResponse.text(.methodNotAllowed, "only GET and HEAD are allowed\n")
            response.headers[HTTPHeader("Allow")] = "GET, HEAD"
            return response
        }
        let response = try await respond(at: endpoint, to: request)
        return request.method == .HEAD ? response.withoutBody : response
    }

    private func respond(at endpoint: Endpoint, to request: HTTPRequest) async throws -> HTTPResponse {
        switch endpoint {
        case .index:
            return .text(.ok, Self.index)
        case .metrics:
            let text = MetricsCatalog.render(await MetricsSnapshot(of: proxy))
            return .text(.ok, text, type: PrometheusText.contentType)
        case .live:
            return .text(.ok, "ok\n")
        case .ready:
            return proxy.isReady ? .text(.ok, "ready\n") : .text(.serviceUnavailable, "draining\n")
        case .connections:
            return try await connections(request)
        }
    }

    private func connections(_ request: HTTPRequest) async throws -> HTTPResponse {
        let route = request.query["route"]
        if let route, !proxy.routeNames.contains(route) {
            let names = proxy.routeNames.joined(separator: ", ")
            return .text(.badRequest, "there is no route '\(route)'; there are: \(names)\n")
        }
        var limit = Int.max
        if let text = request.query["limit"] {
            guard let count = Int(text), count >= 0 else {
                return .text(.badRequest, "limit is '\(text)'; allowed: a whole number from 0\n")
            }
            limit = count
        }
        let chosen = await proxy.connections()
            .filter { route == nil || $0.route == route }
            .sorted { $0.id < $1.id }
            .prefix(limit)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(chosen.map(ConnectionDocument.init)) + Data("\n".utf8)
        return .document(.ok, body, type: "application/json")
    }

    private static let index = Endpoint.allCases
        .map { "\($0.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0))\($0.summary)\n" }
        .joined()
}

extension HTTPResponse {
    fileprivate static func text(
        _ status: HTTPStatusCode,
        _ text: String,
        type: String = "text/plain; charset=utf-8"
    ) -> HTTPResponse {
        document(status, Data(text.utf8), type: type)
    }

    /// The length is written down here, so that the answer to HEAD has it, too. No answer may come from a cache.
    fileprivate static func document(_ status: HTTPStatusCode, _ body: Data, type: String) -> HTTPResponse {
        let headers: [HTTPHeader: String] = [
            .contentType: type, .contentLength: String(body.count), HTTPHeader("Cache-Control"): "no-store",
        ]
        return HTTPResponse(statusCode: status, headers: HTTPHeaders(headers), body: body)
    }

    /// The same head, as HEAD wants it.
    fileprivate var withoutBody: HTTPResponse {
        HTTPResponse(version: version, statusCode: statusCode, headers: headers, body: Data())
    }
}
