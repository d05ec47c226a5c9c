import FlyingFox
import Foundation
import Logging
import SluiceCore
import SluiceMetrics

/// Answers the requests of the admin server.
struct AdminEndpoints: Sendable {
    /// The paths, in the order in which the index lists them.
    enum Endpoint: String, CaseIterable {
        case index = "/"
        case metrics = "/metrics"
        case live = "/livez"
        case ready = "/readyz"
        case connections = "/connections"
        case connection = "/connections/ID"
        case origins = "/origins"
        case reload = "/reload"
        case logLevel = "/log/level"

        init?(path: String) {
            let parent = "\(Self.connections.rawValue)/"
            if path.hasPrefix(parent), path.count > parent.count {
                self = .connection
            } else {
                self.init(rawValue: path)
                if self == .connection { return nil }
            }
        }

        var methods: [HTTPMethod] {
            switch self {
            case .index, .metrics, .live, .ready: [.GET, .HEAD]
            case .connections: [.GET, .HEAD, .DELETE]
            case .connection: [.GET, .HEAD, .DELETE]
            case .reload: [.POST]
            case .origins, .logLevel: [.GET, .HEAD, .PUT]
            }
        }

        /// Asked by load balancers and orchestrators, which have no token, and told to nobody's harm.
        var isForEverybody: Bool { self == .live || self == .ready }

        var summary: String {
            switch self {
            case .index: "this list"
            case .metrics: "metrics in the Prometheus text format"
            case .live: "200 while the process answers"
            case .ready: "200 while new connections are wanted, 503 once the proxy drains"
            case .connections:
                "live connections as JSON; ?route=NAME, ?client=ADDRESS, ?origin=ADDRESS and ?limit=COUNT narrow them; DELETE closes those of a route, client or origin"
            case .connection: "this one, with its last decisions and what they rest on; DELETE closes it"
            case .origins:
                "how the origins stand, as JSON; ?route=NAME and ?origin=ADDRESS narrow them; PUT with both drains one or lets it serve"
            case .reload: "POST reads the configuration file again"
            case .logLevel: "the least severe level that is logged; PUT sets it until the next reload"
            }
        }
    }

    let proxy: any ProxyInspection
    /// `nil`: the server only answers questions.
    let actions: (any AdminActions)?
    let authority: AdminAuthority
    let logger: Logger

    /// The answer; a failure of the server's own is one, too.
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let endpoint = Endpoint(path: request.path)
        // Before anything else: whoever has no token learns nothing, not which paths there are.
        guard endpoint?.isForEverybody == true || authority.knows(request) else {
            return .text(
                .unauthorized,
                "a bearer token is needed\n",
                extra: [HTTPHeader("WWW-Authenticate"): "Bearer"]
            )
        }
        guard let endpoint else { return .text(.notFound, "no such path; there are:\n\(Self.index)") }
        guard endpoint.methods.contains(request.method) else {
            let allowed = endpoint.methods.map(\.rawValue)
            let text = "only \(allowed.joined(separator: " and ")) are allowed\n"
            return .text(
                .methodNotAllowed,
                text,
                extra: [HTTPHeader("Allow"): allowed.joined(separator: ", ")]
            )
        }
        do {
            guard request.method == .GET || request.method == .HEAD else {
                return try await act(endpoint, request)
            }
            let response = try await answer(endpoint, request)
            return request.method == .HEAD ? response.withoutBody : response
        } catch {
            return .text(.internalServerError, "\(error)\n")
        }
    }

    // MARK: Answering

    private func answer(_ endpoint: Endpoint, _ request: HTTPRequest) async throws -> HTTPResponse {
        switch endpoint {
        case .metrics:
            let text = MetricsCatalog.render(await MetricsSnapshot(of: proxy))
            return .text(.ok, text, type: PrometheusText.contentType)
        case .live:
            return .text(.ok, "ok\n")
        case .ready:
            return proxy.isReady ? .text(.ok, "ready\n") : .text(.serviceUnavailable, "draining\n")
        case .connections:
            return try await connections(request)
        case .origins:
            return try origins(request)
        case .logLevel:
            return .text(.ok, "\(actions.map { $0.logLevel.rawValue } ?? "unknown")\n")
        case .connection:
            return try await connection(request)
        case .index, .reload:
            return .text(.ok, Self.index)
        }
    }

    private func connections(_ request: HTTPRequest) async throws -> HTTPResponse {
        let filter: ConnectionFilter
        switch self.filter(request) {
        case .success(let found): filter = found
        case .failure(let refusal): return refusal.response
        }
        var limit = Int.max
        if let text = request.query["limit"] {
            guard let count = Int(text), count >= 0 else {
                return .text(.badRequest, "limit is '\(text)'; allowed: a whole number from 0\n")
            }
            limit = count
        }
        let chosen = await proxy.connections().filter(filter.matches).sorted { $0.id < $1.id }.prefix(limit)
        return try .json(chosen.map { ConnectionDocument($0) })
    }

    private func origins(_ request: HTTPRequest) throws -> HTTPResponse {
        switch filter(request) {
        case .success(let filter):
            let chosen = proxy.origins.filter {
                (filter.route == nil || filter.route == $0.route)
                    && (filter.origin == nil || filter.origin == $0.origin)
            }
            return try .json(chosen.map(OriginDocument.init))
        case .failure(let refusal): return refusal.response
        }
    }

    private func connection(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch Self.id(request) {
        case .failure(let refusal): return refusal.response
        case .success(let id):
            guard let found = await proxy.connection(id) else { return Self.unknown(id) }
            return try .json(ConnectionDocument(found, withDecisions: true))
        }
    }

    private static func id(_ request: HTTPRequest) -> Result<UInt64, Refusal> {
        let text = request.path.dropFirst(Endpoint.connections.rawValue.count + 1)
        return UInt64(text).map { .success($0) }
            ?? .failure(Refusal("'\(text)' is not a connection's id; allowed: a whole number"))
    }

    private static func unknown(_ id: UInt64) -> HTTPResponse {
        .text(.notFound, "there is no connection \(id)\n")
    }

    /// What `route`, `client` and `origin` of the query ask for.
    private func filter(_ request: HTTPRequest) -> Result<ConnectionFilter, Refusal> {
        var filter = ConnectionFilter()
        if let route = request.query["route"] {
            guard proxy.routeNames.contains(route) else {
                let names = proxy.routeNames.joined(separator: ", ")
                return .failure(Refusal("there is no route '\(route)'; there are: \(names)"))
            }
            filter.route = route
        }
        if let client = request.query["client"] {
            guard filter.setClient(host: client) else {
                return .failure(
                    Refusal("client is '\(client)'; allowed: an IPv4 or IPv6 address, without a port")
                )
            }
        }
        // Not only one that is configured: connections to one that a reload took out may be the ones to close.
        filter.origin = request.query["origin"]
        return .success(filter)
    }

    // MARK: Acting

    private func act(_ endpoint: Endpoint, _ request: HTTPRequest) async throws -> HTTPResponse {
        guard authority.allowsWriting, let actions else {
            return .text(.forbidden, "the admin server is read-only; admin.write: true opens it\n")
        }
        // A browser names the page that sends a request: one that its user only visits shall not steer a proxy.
        guard request.headers[HTTPHeader("Origin")] == nil else {
            return .text(.forbidden, "a web page may not change anything\n")
        }
        logger.notice(
            "admin request",
            metadata: ["method": "\(request.method.rawValue)", "path": "\(request.target.rawValue)"]
        )
        switch endpoint {
        case .reload: return await reload(actions)
        case .logLevel: return try await setLogLevel(actions, request)
        case .connection: return await closeOne(actions, request)
        case .connections: return await closeMany(actions, request)
        case .origins: return try await drain(actions, request)
        case .index, .metrics, .live, .ready: preconditionFailure("these only answer")
        }
    }

    private func reload(_ actions: any AdminActions) async -> HTTPResponse {
        switch await actions.reload() {
        case .applied(let changes): .text(.ok, (["reloaded"] + changes).map { "\($0)\n" }.joined())
        case .refused(let reason): .text(.unprocessableContent, "refused\n\(reason)\n")
        }
    }

    private func setLogLevel(_ actions: any AdminActions, _ request: HTTPRequest) async throws -> HTTPResponse
    {
        let text = try await request.bodyLine
        guard let level = LogConfiguration.Level(rawValue: text) else {
            let allowed = LogConfiguration.Level.allCases.map(\.rawValue).joined(separator: ", ")
            return .text(.badRequest, "'\(text)' is not a level; allowed: \(allowed)\n")
        }
        actions.setLogLevel(level)
        return .text(.ok, "\(level.rawValue)\n")
    }

    private func closeOne(_ actions: any AdminActions, _ request: HTTPRequest) async -> HTTPResponse {
        switch Self.id(request) {
        case .failure(let refusal): return refusal.response
        case .success(let id):
            let count = await actions.closeConnections(ConnectionFilter(id: id))
            return count > 0 ? Self.closed(count) : Self.unknown(id)
        }
    }

    private func closeMany(_ actions: any AdminActions, _ request: HTTPRequest) async -> HTTPResponse {
        switch filter(request) {
        case .failure(let refusal): return refusal.response
        case .success(let filter):
            // To close everything by leaving something out would be a bad slip.
            guard filter != ConnectionFilter() else {
                return .text(
                    .badRequest,
                    "which connections? allowed: ?route=NAME, ?client=ADDRESS, ?origin=ADDRESS, or several of them\n"
                )
            }
            return Self.closed(await actions.closeConnections(filter))
        }
    }

    private func drain(_ actions: any AdminActions, _ request: HTTPRequest) async throws -> HTTPResponse {
        guard let route = request.query["route"], let origin = request.query["origin"] else {
            return .text(.badRequest, "which origin? allowed: ?route=NAME&origin=ADDRESS\n")
        }
        let text = try await request.bodyLine
        guard text == "drained" || text == "serving" else {
            return .text(.badRequest, "'\(text)' is not what an origin does; allowed: drained, serving\n")
        }
        guard actions.setDrained(text == "drained", origin: origin, ofRoute: route) else {
            let there = proxy.origins.filter { $0.route == route }.map(\.origin).joined(separator: ", ")
            return .text(
                .notFound,
                "route '\(route)' has no origin '\(origin)'; there are: \(there.isEmpty ? "none" : there)\n"
            )
        }
        return .text(.ok, "\(text)\n")
    }

    private static func closed(_ count: Int) -> HTTPResponse {
        .document(.ok, Data("{\"closed\":\(count)}\n".utf8), type: "application/json")
    }

    private struct Refusal: Error {
        let response: HTTPResponse
        init(_ reason: String) { response = .text(.badRequest, "\(reason)\n") }
    }

    private static let index = Endpoint.allCases
        .map { "\($0.rawValue.padding(toLength: 17, withPad: " ", startingAt: 0))\($0.summary)\n" }
        .joined()
}

extension HTTPRequest {
    /// A body that is one word.
    fileprivate var bodyLine: String {
        get async throws {
            String(decoding: try await bodyData, as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines
            )
        }
    }
}

extension HTTPResponse {
    static func text(
        _ status: HTTPStatusCode,
        _ text: String,
        type: String = "text/plain; charset=utf-8",
        extra: [HTTPHeader: String] = [:]
    ) -> HTTPResponse {
        var response = document(status, Data(text.utf8), type: type)
        for (name, value) in extra { response.headers[name] = value }
        return response
    }

    fileprivate static func json(_ value: some Encodable) throws -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return document(.ok, try encoder.encode(value) + Data("\n".utf8), type: "application/json")
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
