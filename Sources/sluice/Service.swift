import ArgumentParser
import Glibc
import Logging
import SluiceAdmin
import SluiceConfig
import SluiceCore

/// The proxy and its admin server as one service: started together, ended in the right order.
struct Service {
    private let configuration: Configuration
    /// `nil`: from flags.
    private let loaded: LoadedConfiguration?
    private let logWriter = LogWriter()
    private let level: LogLevel
    private let logger: Logger
    private let manager = ServiceManager()
    /// Whether an earlier generation serves until this one is ready.
    private let isSuccessor = Successor.isOne

    /// The signals that a service listens to besides those that stop it.
    static let signals = [SIGHUP, SIGUSR2]
    /// How long the next generation may take to start.
    private static let successorPatience: Duration = .seconds(60)
    /// How long a successor tries to take the admin server's address over.
    private static let adminPatience: Duration = .seconds(10)

    init(_ configuration: Configuration, from loaded: LoadedConfiguration? = nil) {
        self.configuration = configuration
        self.loaded = loaded
        level = LogLevel(configuration.log.level)
        let handler = SluiceLogHandler(configuration: configuration.log, writer: logWriter, level: level)
        logger = Logger(label: "sluice") { _ in handler }
    }

    /// Serves until a signal, then drains: readiness fails first, the admin server goes last, so that a drain can be
    /// watched. Throws an exit code after it has said why.
    func run(
        until signals: StopSignals,
        whenReady: (_ proxy: Proxy, _ admin: String?) -> Void = { _, _ in }
    ) async throws {
        let proxy = try makeProxy()
        let authority = try makeAuthority()
        let reloader = Reloader(
            proxy: proxy,
            running: loaded,
            authority: authority,
            level: level,
            logger: logger
        )
        let actions = ServiceActions(proxy: proxy, reloader: reloader, level: level)
        let admin = makeAdmin(proxy, actions, authority)
        if !isSuccessor { try await start(admin) }
        proxy.start()
        announce(proxy)
        // From here on the generation before goes, and with it its admin server.
        Successor.tellReady()
        if isSuccessor { await takeOver(admin) }
        manager.ready()
        let watchdog = Task { await manager.watch { await proxy.waitForLoops() } }
        whenReady(proxy, await admin?.address?.description)

        let number = await signals.first { number in
            if number == SIGUSR2 { return await handOver(proxy, between: reloader) }
            // Beside the wait: a file or a name that is slow to read must not keep the proxy from ending.
            Task { [manager] in
                manager.reloading()
                _ = await reloader.reload(cause: "SIGHUP")
                manager.ready()
            }
            return false
        }
        if number == SIGUSR2 {
            await admin?.stop()
            await drain(proxy, signal: number, handingOver: true)
        } else {
            manager.stopping()
            await drain(proxy, signal: number)
            await admin?.stop()
        }
        watchdog.cancel()
        logger.notice("drained")
        logWriter.flush()
    }

    // MARK: Ending

    private func drain(_ proxy: Proxy, signal: Int32, handingOver: Bool = false) async {
        // Not the start's: a reload may have changed it.
        let drain = proxy.drainConfiguration
        logger.notice(
            "draining",
            metadata: [
                "signal": .stringConvertible(Int(signal)),
                "grace": .string(drain.grace.description),
                "deadline": .string(drain.deadline.description),
                "window": .string(drain.window.description),
            ]
        )
        proxy.announceDrain()
        // Whoever is sent here after a hand-over is served by the successor.
        if drain.grace > .zero, !handingOver { try? await Task.sleep(for: drain.grace) }
        proxy.drain(handingOver: handingOver)
        await proxy.finished()
    }

    /// Starts the next generation. True once that serves; when it does not, this one goes on.
    private func handOver(_ proxy: Proxy, between reloader: Reloader) async -> Bool {
        logger.notice("handing over")
        let outcome = await reloader.between { () -> Result<Int32, Successor.Failure> in
            do throws(Successor.Failure) {
                return .success(
                    try Successor.start(
                        CommandLine.arguments,
                        sockets: proxy.duplicateListeners(),
                        patience: Service.successorPatience
                    )
                )
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let process):
            logger.notice("handed over", metadata: ["pid": .stringConvertible(Int(process))])
            manager.handedOver(to: process)
            return true
        case .failure(let failure):
            logger.error("hand-over failed", metadata: ["reason": .string(failure.description)])
            return false
        }
    }

    // MARK: Starting

    private func makeProxy() throws -> Proxy {
        let problems = KernelCheck.problems(of: configuration)
        guard problems.isEmpty else { throw unavailable(problems.joined(separator: "; ")) }
        var inherited = InheritedSockets(environmentHandedOver: isSuccessor)
        do throws(ListenError) {
            let proxy = try Proxy(configuration, logger: logger, logWriter: logWriter, inherited: &inherited)
            for address in inherited.closeRest() {
                logger.warning("inherited socket is in no route", metadata: ["address": .string(address)])
            }
            return proxy
        } catch {
            throw unavailable(error.description)
        }
    }

    private func makeAuthority() throws -> AdminAuthority {
        guard let admin = configuration.admin else { return .readOnly }
        do throws(AdminTokenError) {
            return try AdminAuthority(admin)
        } catch {
            // A token that is not there, or none, does not get better by trying again.
            tellWhyNot(error.description)
            throw ExitStatus.badConfiguration
        }
    }

    private func makeAdmin(_ proxy: Proxy, _ actions: ServiceActions, _ authority: AdminAuthority)
        -> AdminServer?
    {
        configuration.admin.map { admin in
            AdminServer(
                inspection: proxy,
                actions: actions,
                authority: authority,
                listen: admin.listen,
                logger: logger
            )
        }
    }

    private func start(_ admin: AdminServer?) async throws {
        do throws(AdminServerError) {
            try await listen(admin)
        } catch {
            throw unavailable(error.description)
        }
    }

    private func listen(_ admin: AdminServer?) async throws(AdminServerError) {
        guard let address = try await admin?.start() else { return }
        logger.notice("admin listening", metadata: ["address": .string(address.description)])
    }

    /// Listens as soon as the generation before has let go of the address. Connections matter more than this server, so its
    /// failure does not end the process.
    private func takeOver(_ admin: AdminServer?) async {
        let deadline = ContinuousClock.now + Self.adminPatience
        while true {
            do throws(AdminServerError) {
                return try await listen(admin)
            } catch {
                guard ContinuousClock.now < deadline else {
                    return logger.error("no admin server", metadata: ["reason": .string(error.description)])
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func announce(_ proxy: Proxy) {
        for listener in proxy.listening {
            logger.notice(
                "listening",
                metadata: ["route": .string(listener.route), "address": .string(listener.address)]
            )
        }
        logger.notice(
            "ready",
            metadata: [
                "version": .string(SluiceVersion.sluice),
                "pid": .stringConvertible(Int(getpid())),
                "max_connections": .stringConvertible(proxy.maxConnections),
            ]
        )
    }

    private func unavailable(_ reason: String) -> ExitCode {
        tellWhyNot(reason)
        return ExitStatus.unavailable
    }

    private func tellWhyNot(_ reason: String) {
        logger.critical("cannot start", metadata: ["reason": .string(reason)])
        logWriter.flush()
    }
}
