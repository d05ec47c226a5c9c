import ArgumentParser
import Logging
import SluiceAdmin
import SluiceCore

/// The proxy and its admin server as one service: started together, ended in the right order.
struct Service {
    private let configuration: Configuration
    private let logWriter = LogWriter()
    private let logger: Logger

    init(_ configuration: Configuration) {
        self.configuration = configuration
        let handler = SluiceLogHandler(configuration: configuration.log, writer: logWriter)
        logger = Logger(label: "sluice") { _ in handler }
    }

    /// Serves until a signal, then drains: readiness fails first, the admin server goes last, so that a drain can be
    /// watched. Throws an exit code after it has said why.
    func run(
        until signals: StopSignals,
        whenReady: (_ proxy: Proxy, _ admin: String?) -> Void = { _, _ in }
    ) async throws {
        let proxy = try makeProxy()
        let (admin, adminAddress) = try await startAdmin(proxy)
        proxy.start()
        announce(proxy, adminAddress)
        whenReady(proxy, adminAddress)

        let number = await signals.first()
        logger.notice(
            "draining",
            metadata: [
                "signal": .stringConvertible(Int(number)),
                "deadline": .string(configuration.drainDeadline.description),
            ]
        )
        proxy.drain()
        await proxy.finished()
        await admin?.stop()
        logger.notice("drained")
        logWriter.flush()
    }

    private func makeProxy() throws -> Proxy {
        let problems = KernelCheck.problems(of: configuration)
        guard problems.isEmpty else { throw unavailable(problems.joined(separator: "; ")) }
        do throws(SystemError) {
            return try Proxy(configuration, logger: logger, logWriter: logWriter)
        } catch {
            throw unavailable(error.description)
        }
    }

    private func startAdmin(_ proxy: Proxy) async throws -> (AdminServer?, String?) {
        guard let wanted = configuration.admin else { return (nil, nil) }
        do throws(AdminServerError) {
            let admin = AdminServer(inspection: proxy, listen: wanted.listen, logger: logger)
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
