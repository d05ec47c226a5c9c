import FlyingFox
import FlyingSocks
import Foundation
import Logging
import SluiceCore

/// The HTTP server that tells operators and Prometheus what the proxy does.
///
/// It runs on Swift's shared executor, never on a relay's loop: a slow scrape costs connections nothing. What a client may
/// send, and how many there may be, is bounded: see `AdminRequestReader` and `connections`. It speaks plain HTTP, so it
/// belongs on loopback or on a Unix socket, which it makes for its own user only; elsewhere it asks for a token.
public actor AdminServer {
    private let endpoints: AdminEndpoints
    private let listen: ListenAddress
    private let logger: Logger
    private let pool: AdminSocketPool
    private let retryDelay: Duration

    /// Clients at one time. Those beyond wait in the kernel's queue.
    public static let connections = 64
    private let places = ConnectionPlaces(AdminServer.connections)

    /// Where it listens, once it does.
    public private(set) var address: ListenAddress?
    private var polling: Task<Void, any Error>?
    private var serving: Task<Void, Never>?

    /// - Parameters:
    ///   - inspection: The proxy to tell of.
    ///   - actions: What may be done where `authority` allows it. `nil`: nothing.
    ///   - authority: Who has to show a token.
    ///   - listen: A host name is resolved once, at `start()`. Port 0 takes a free one.
    ///   - idleTimeout: How long a client may keep a connection open without taking or sending a byte.
    ///   - retryDelay: How long to wait before listening again, should that fail while the server runs.
    public init(
        inspection: any ProxyInspection,
        actions: (any AdminActions)? = nil,
        authority: AdminAuthority = .readOnly,
        listen: ListenAddress,
        logger: Logger,
        idleTimeout: Duration = .seconds(60),
        retryDelay: Duration = .seconds(1)
    ) {
        self.endpoints = AdminEndpoints(
            proxy: inspection,
            actions: actions,
            authority: authority,
            logger: logger
        )
        self.listen = listen
        self.logger = logger
        self.pool = AdminSocketPool(idleTimeout: idleTimeout)
        self.retryDelay = retryDelay
    }

    /// Listens, and answers from now on until `stop()`. Called once, or again after it threw.
    ///
    /// For a Unix socket it narrows the process's umask for an instant: start it while nothing else creates files.
    /// - Returns: Where it listens, with the port that it got.
    public func start() async throws(AdminServerError) -> ListenAddress {
        precondition(polling == nil, "an admin server starts once")
        let (bound, socket) = try listenOnAny()
        do {
            try await pool.open()
        } catch {
            try? socket.close()
            throw AdminServerError(address: listen.description, problem: describe(error))
        }
        polling = Task { [pool] in try await pool.poll() }
        serving = Task { await self.keepServing(at: bound, socket) }
        address = bound
        return bound
    }

    /// Returns when the server has stopped: after `stop()`, or when the calling task is cancelled, which stops it.
    public func run() async {
        // Taken now: `stop()` forgets it before the sockets are closed.
        let serving = serving
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
        // First: the next generation makes its own as soon as this server is gone.
        if case .unix(let path) = listen.address { unlink(path) }
        serving.cancel()
        await serving.value
        polling?.cancel()
        _ = await polling?.result
    }

    /// Tries each address that the configured one stands for, and reports the last failure.
    private func listenOnAny() throws(AdminServerError) -> (ListenAddress, Socket) {
        var failure = AdminServerError(address: listen.description, problem: "the name has no address")
        for address in try AdminListenAddress.resolve(listen) {
            do throws(AdminServerError) {
                return try listen(on: address)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// - Returns: Where it listens, and the socket.
    private func listen(on address: ListenAddress) throws(AdminServerError) -> (ListenAddress, Socket) {
        let isUnix = address.address.port == nil
        // The socket's file is its own user's from the moment that it exists.
        let mask = isUnix ? umask(0o177) : nil
        defer { if let mask { umask(mask) } }
        do {
            let socketAddress = try AdminListenAddress.socketAddress(address)
            let socket = try Socket(domain: Int32(type(of: socketAddress).family))
            do {
                try socket.setValue(true, for: .localAddressReuse)
                try socket.bind(to: socketAddress)
                try socket.listen()
                return (AdminListenAddress.listenAddress(bound: try socket.sockname()), socket)
            } catch {
                try? socket.close()
                throw error
            }
        } catch {
            throw AdminServerError(address: listen.description, problem: describe(error))
        }
    }

    /// Accepting fails while the process is out of descriptors. That is when an operator needs this server most, so it listens
    /// again, at the same address.
    private func keepServing(at bound: ListenAddress, _ first: Socket) async {
        var socket: Socket? = first
        while !Task.isCancelled {
            if let socket {
                let error = await acceptAll(on: socket)
                try? socket.close()
                if Task.isCancelled { return }
                logger.warning(
                    "admin server stopped accepting, and listens again soon",
                    metadata: ["address": "\(bound)", "error": "\(error.map(describe) ?? "")"]
                )
            }
            do { try await Task.sleep(for: retryDelay) } catch { return }
            do throws(AdminServerError) {
                socket = try listen(on: bound).1
            } catch {
                socket = nil
                logger.warning("\(error)")
            }
        }
        try? socket?.close()
    }

    /// Serves clients until accepting fails, which it returns, or until the task is cancelled. Then it ends them all.
    private nonisolated func acceptAll(on socket: Socket) async -> (any Error)? {
        await withDiscardingTaskGroup { group in
            do {
                let listener = try AsyncSocket(socket: socket, pool: pool)
                while true {
                    await places.take()
                    let client: AsyncSocket
                    do {
                        client = try await listener.accept()
                    } catch {
                        await places.giveBack()
                        throw error
                    }
                    group.addTask { [endpoints, places, logger] in
                        do {
                            try await AdminConnection(socket: client, endpoints: endpoints).serve()
                        } catch {
                            // A client that hangs up is no event of the operator's.
                            logger.debug("admin client lost: \(describe(error))")
                        }
                        try? client.close()
                        await places.giveBack()
                    }
                }
            } catch {
                group.cancelAll()
                return error
            }
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
