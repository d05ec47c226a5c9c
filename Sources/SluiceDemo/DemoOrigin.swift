// The embedded origin's life: bind, serve, stop. What it answers stands in `DemoRoutes`.

import FlyingFox
import FlyingSocks
import Glibc

/// An HTTP server to try Sluice on: token streams in Ollama's shape, bulk bytes, and an echo.
///
/// It is an ordinary server on its own sockets and shares nothing with the proxy. It serves from `start()`
/// until `stop()`; whoever created it stops it. An instance serves once.
public actor DemoOrigin {
    private let server: HTTPServer
    private var serving: Task<Void, any Error>?
    private var isStopped = false

    /// The token rate, in tokens a second, when neither the operator nor the request names one.
    public static let defaultTokensPerSecond: Double = 30

    /// Describes an origin; nothing is bound before `start()`.
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address in text. Names are not resolved.
    ///   - port: 0 lets the kernel choose.
    ///   - tokensPerSecond: the rate for requests that name none, 1 to 1,000,000.
    /// - Throws: `DemoOriginError` for a host that is no address or a rate out of range.
    public init(
        host: String = "127.0.0.1",
        port: UInt16 = 0,
        tokensPerSecond: Double = defaultTokensPerSecond
    ) throws(DemoOriginError) {
        try self.init(host: host, port: port, tokensPerSecond: tokensPerSecond, onGenerationEnd: { _ in })
    }

    /// As the public one; `onGenerationEnd` lets a test see how each token stream ended.
    init(
        host: String = "127.0.0.1",
        port: UInt16 = 0,
        tokensPerSecond: Double = defaultTokensPerSecond,
        onGenerationEnd: @escaping @Sendable (GenerationEnd) -> Void
    ) throws(DemoOriginError) {
        guard GenerateRequest.allowedRates.contains(tokensPerSecond) else {
            throw .rateOutOfRange(tokensPerSecond)
        }
        let routes = DemoRoutes(tokensPerSecond: tokensPerSecond, onGenerationEnd: onGenerationEnd)
        let configuration = try Self.configuration(host: host, port: port)
        server = HTTPServer(config: configuration, handler: routes.handler())
    }

    /// Binds and serves in the background.
    /// - Returns: the port that is bound, which matters when `port` was 0.
    /// - Throws: what binding failed with (`SocketError`), such as an address in use.
    @discardableResult
    public func start() async throws -> UInt16 {
        precondition(serving == nil, "a DemoOrigin serves once")
        let server = server
        let listening = Task { try await server.waitUntilListening() }
        let serving = Task {
            // A failed bind never reports "listening": end the wait for it, so that start() throws at once.
            defer { listening.cancel() }
            try await server.run()
        }
        self.serving = serving
        do {
            try await listening.value
        } catch {
            serving.cancel()
            try await serving.value
            throw error
        }
        return try await boundPort()
    }

    /// Serves until `stop()`, starting first if nobody did.
    /// - Throws: what binding or accepting failed with.
    public func run() async throws {
        if serving == nil {
            try await start()
        }
        do {
            try await serving?.value
        } catch  where isStopped {
            // Stopping ends the server's task with a cancellation: that is the wanted end.
        }
    }

    /// Closes the listener and every connection, and returns when all are closed. To let clients finish first,
    /// drain the proxy in front of it.
    public func stop() async {
        isStopped = true
        await server.stop()
        _ = await serving?.result
    }

    private func boundPort() async throws -> UInt16 {
        switch await server.listeningAddress {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix, nil: throw SocketError.disconnected
        }
    }

    private static func configuration(
        host: String,
        port: UInt16
    ) throws(DemoOriginError) -> HTTPServer.Configuration {
        if let address = try? sockaddr_in.inet(ip4: host, port: port) {
            return configuration(address: address)
        }
        if let address = try? sockaddr_in6.inet6(ip6: host, port: port) {
            return configuration(address: address)
        }
        throw .notAnAddress(host)
    }

    private static func configuration(address: some SocketAddress) -> HTTPServer.Configuration {
        HTTPServer.Configuration(
            address: address,
            // FlyingFox gives a handler 15 s by default. An unstreamed generation takes as long as its
            // tokens: `GenerateRequest` bounds it, so this only has to be longer.
            timeout: 86_400,
            pool: NoDelayPool(base: HTTPServer.defaultPool()),
            logger: .disabled
        )
    }
}

/// Why an origin cannot be set up.
public enum DemoOriginError: Error, Equatable, CustomStringConvertible {
    /// The host is neither an IPv4 nor an IPv6 address.
    case notAnAddress(String)
    /// The token rate is not within 1 to 1,000,000 a second.
    case rateOutOfRange(Double)

    /// The error in a sentence that names what is allowed.
    public var description: String {
        switch self {
        case .notAnAddress(let host):
            "'\(host)' is not an IP address: expected an IPv4 or IPv6 address such as 127.0.0.1 or ::1"
        case .rateOutOfRange(let rate):
            "\(rate) tokens per second are out of range: expected 1 to 1000000"
        }
    }
}
