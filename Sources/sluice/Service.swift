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

    /// The signals that a service listens to besides those that stop it.
    static let signals = [SIGHUP]

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
        let (admin, adminAddress) = try await startAdmin(proxy, actions, authority)
        proxy.start()
        announce(proxy, adminAddress)
        whenReady(proxy, adminAddress)

        let number = await signals.first { _ in _ = await reloader.reload(cause: "SIGHUP") }
        await drain(proxy, signal: number)
        await admin?.stop()
        logger.notice("drained")
        logWriter.flush()
    }

    private func drain(_ proxy: Proxy, signal: Int32) async {
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
        if drain.grace > .zero { try? await Task.sleep(for: drain.grace) }
        proxy.drain()
        await proxy.finished()
    }

    private func makeProxy() throws -> Proxy {
        let problems = KernelCheck.problems(of: configuration)
        guard problems.isEmpty else { throw unavailable(problems.joined(separator: "; ")) }
        do throws(ListenError) {
            return try Proxy(configuration, logger: logger, logWriter: logWriter)
        } catch {
            throw unavailable(error.description)
        }
    }

    private func makeAuthority() throws -> AdminAuthority {
        guard let admin = configuration.admin else { return .readOnly }
        do throws(AdminTokenError) {
            return try AdminAuthority(admin)
        } catch {
            throw unavailable(error.description)
        }
    }

    private func startAdmin(
        _ proxy: Proxy,
        _ actions: ServiceActions,
        _ authority: AdminAuthority
    ) async throws -> (AdminServer?, String?) {
        guard let wanted = configuration.admin else { return (nil, nil) }
        do throws(AdminServerError) {
            let admin = AdminServer(
                inspection: proxy,
                actions: actions,
                authority: authority,
                listen: wanted.listen,
                logger: logger
            )
            let address = try await admin.start()
            return (admin, address.description)
        } catch {
            throw unavailable(error.description)
        }
    }

    private func announce(_ proxy: Proxy, _ admin: String?) {
        for listener in proxy.listening {
            logger.notice(
                "listening",
                metadata: ["route": .string(listener.route), "address": .string(listener.address)]
            )
        }
        if let admin { logger.notice("admin listening", metadata: ["address": .string(admin)]) }
        logger.notice(
            "ready",
            metadata: [
                "version": .string(SluiceVersion.sluice),
                "max_connections": .stringConvertible(proxy.maxConnections),
            ]
        )
    }

    private func unavailable(_ reason: String) -> ExitCode {
        logger.critical("cannot start", metadata: ["reason": .string(reason)])
        logWriter.flush()
        return ExitStatus.unavailable
    }
}
