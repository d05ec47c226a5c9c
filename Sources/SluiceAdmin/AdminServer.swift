import FlyingFox
import FlyingSocks
import Foundation
import Logging
import SluiceCore

/// The HTTP server that tells operators and Prometheus what the proxy does.
///
/// It runs on Swift's shared executor, never on a relay's loop: a slow scrape costs connections nothing. It has no
/// authentication, so it belongs on loopback, on a Unix socket (which it makes for its own user only), or on a network
/// that is trusted.
public actor AdminServer {
    private let endpoints: AdminEndpoints
    private let listen: ListenAddress
    private let logger: Logger
    private let pool: AdminSocketPool
    private let retryDelay: Duration

    private var server: HTTPServer?
    private var polling: Task<Void, any Error>?
    private var serving: Task<Void, Never>?

    /// - Parameters:
    ///   - inspection: The proxy to tell of.
    ///   - listen: A host name is resolved once, at `start()`. Port 0 takes a free one.
    ///   - idleTimeout: How long a client may keep a connection open without taking or sending a byte.
    ///   - retryDelay: How long to wait before listening again, should that fail while the server runs.
    public init(
        inspection: any ProxyInspection,
        listen: ListenAddress,
        logger: Logger,
        idleTimeout: Duration = .seconds(60),
        retryDelay: Duration = .seconds(1)
    ) {
        self.endpoints = AdminEndpoints(proxy: inspection)
        self.listen = listen
        self.logger = logger
        self.pool = AdminSocketPool(idleTimeout: idleTimeout)
        self.retryDelay = retryDelay
    }

    /// Listens, and answers from now on until `stop()`. Called once.
    ///
    /// For a Unix socket it narrows the process's umask for an instant: start it while nothing else creates files.
    /// - Returns: Where it listens, with the port that it got.
    public func start() async throws(AdminServerError) -> ListenAddress {
        precondition(polling == nil, "an admin server starts once")
        do {
            try await pool.open()
        } catch {
            throw AdminServerError(address: listen.description, problem: describe(error))
        }
        polling = Task { [pool] in try await pool.poll() }
        do throws(AdminServerError) {
            let (bound, running) = try await listenOnAny()
            serving = Task { await self.keepServing(at: bound, running) }
            return bound
        } catch {
            polling?.cancel()
            throw error
        }
    }

    /// Returns when the server has stopped: after `stop()`, or when the calling task is cancelled, which stops it.
    public func run() async {
        await withTaskCancellationHandler {
            await serving?.value
        } onCancel: {
            Task { await self.stop() }
        }
    }

    /// Closes the listening socket and every connection, answered or not, and removes a Unix socket's file.
    public func stop() async {
        guard let serving else { return }
        self.serving = nil
        serving.cancel()
        await server?.stop()
        await serving.value
        polling?.cancel()
        _ = await polling?.result
        if case .unix(let path) = listen.address { unlink(path) }
    }

    /// Tries each address that the configured one stands for, and reports the last failure.
    private func listenOnAny() async throws(AdminServerError) -> (ListenAddress, Task<Void, any Error>) {
        var failure = AdminServerError(address: listen.description, problem: "the name has no address")
        for address in try AdminListenAddress.resolve(listen) {
            do throws(AdminServerError) {
                return try await listen(on: address)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// - Returns: Where it listens, and a task that ends, always by throwing, when it no longer accepts.
    private func listen(
        on address: ListenAddress
    ) async throws(AdminServerError) -> (ListenAddress, Task<Void, any Error>) {
        let isUnix = address.address.port == nil
        // The socket's file is its own user's from the moment that it exists.
        let mask = isUnix ? umask(0o177) : nil
        defer { if let mask { umask(mask) } }
        do {
            let socketAddress = try AdminListenAddress.socketAddress(address)
            let server = HTTPServer(
                config: .init(
                    address: socketAddress,
                    timeout: 15,
                    pool: pool,
                    logger: FlyingFoxLog(logger: logger)
                ),
                handler: endpoints
            )
            let running = try await Self.run(server)
            self.server = server
            let bound = await server.listeningAddress.map(AdminListenAddress.listenAddress(bound:))
            return (bound ?? address, running)
        } catch {
            throw AdminServerError(address: listen.description, problem: describe(error))
        }
    }

    /// FlyingFox binds and serves in one call: this returns once it listens, or throws why it does not.
    private static func run(_ server: HTTPServer) async throws -> Task<Void, any Error> {
        let listening = Task { try await server.waitUntilListening(timeout: 60) }
        let running = Task {
            do {
                try await server.run()
            } catch {
                listening.cancel()
                throw error
            }
        }
        do {
            try await listening.value
        } catch {
            try await running.value
        }
        return running
    }

    /// FlyingFox gives up for good when `accept` fails once, as it does while the process is out of descriptors. That
    /// is when an operator needs this server most, so it listens again, at the same address.
    private func keepServing(at bound: ListenAddress, _ first: Task<Void, any Error>) async {
        var running: Task<Void, any Error>? = first
        while true {
            do {
                try await running?.value
            } catch {
                if Task.isCancelled { return }
                logger.warning(
                    "admin server stopped accepting, and listens again soon",
                    metadata: ["address": "\(bound)", "error": "\(describe(error))"]
                )
            }
            do { try await Task.sleep(for: retryDelay) } catch { return }
            do throws(AdminServerError) {
                running = try await listen(on: bound).1
            } catch {
                running = nil
                logger.warning("\(error)")
            }
            if Task.isCancelled { await server?.stop() }
        }
    }
}

/// FlyingFox's errors without the class names around them.
private func describe(_ error: any Error) -> String {
    switch error {
    case let error as AdminServerError: error.problem
    case SocketError.failed(_, let errno, let message):
        errno == EADDRINUSE ? "address already in use; stop the other process or choose another" : message
    default: error.localizedDescription
    }
}
