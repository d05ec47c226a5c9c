import Dispatch
import Logging
import SluiceAdmin
import SluiceConfig
import SluiceCore

/// Reads the configuration file again, checks it, and hands it to the proxy: whole, or not at all.
final class Reloader: Sendable {
    enum Outcome: Sendable {
        /// Applied; what is now different.
        case applied([SettingChange])
        /// Nothing changed; why, a problem a line.
        case refused(String)
    }

    private let proxy: Proxy
    private let authority: AdminAuthority
    private let level: LogLevel
    private let logger: Logger
    /// What holds now. `nil`: it came from flags, and there is nothing to read again.
    private let running: Locked<LoadedConfiguration?>
    /// One reload at a time, on a thread that may block: a file may be slow, and so may the name of an address.
    private let queue = DispatchQueue(label: "sluice-reload")

    init(
        proxy: Proxy,
        running: LoadedConfiguration?,
        authority: AdminAuthority,
        level: LogLevel,
        logger: Logger
    ) {
        self.proxy = proxy
        self.authority = authority
        self.running = Locked(running)
        self.level = level
        self.logger = logger
    }

    /// - Parameter cause: What asked for it, for the log: `SIGHUP`, `admin`.
    func reload(cause: String) async -> Outcome {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                let outcome = attempt()
                log(outcome, cause: cause)
                continuation.resume(returning: outcome)
            }
        }
    }

    /// Runs `body` while no reload is under way, on a thread that may block.
    func between<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    private func attempt() -> Outcome {
        guard let running = running.withLock({ $0 }) else {
            return refuse("there is no file to read again: Sluice was started from flags")
        }
        do throws(ConfigurationProblems) {
            let new = try ConfigurationFile.read(path: running.file)
            try new.checkReload(of: running.configuration)
            try new.checkKernel()
            try apply(new)
            self.running.withLock { $0 = new }
            return .applied(new.changes(since: running))
        } catch {
            return refuse(error.description)
        }
    }

    private func apply(_ new: LoadedConfiguration) throws(ConfigurationProblems) {
        let token: AdminAuthority.Token
        do throws(AdminTokenError) {
            token = try authority.readToken()
        } catch {
            throw new.problem(withToken: error.problem)
        }
        let reloaded: Proxy.Reloaded
        do throws(ListenError) {
            reloaded = try proxy.reload(new.configuration)
        } catch {
            throw new.problem(with: error)
        }
        authority.use(token)
        level.level = new.configuration.log.level
        for listener in reloaded.opened { log("listening", listener) }
        for listener in reloaded.closed { log("listening no more", listener) }
    }

    private func refuse(_ reason: String) -> Outcome {
        proxy.noteRefusedReload()
        return .refused(reason)
    }

    private func log(_ outcome: Outcome, cause: String) {
        switch outcome {
        case .applied(let changes):
            for change in changes {
                logger.notice(
                    "configuration changed",
                    metadata: [
                        "key": .string(change.key),
                        "old": .string(change.old ?? "absent"),
                        "new": .string(change.new ?? "absent"),
                    ]
                )
            }
            logger.notice(
                "reloaded",
                metadata: [
                    "cause": .string(cause),
                    "changes": .stringConvertible(changes.count),
                    "generation": .stringConvertible(proxy.configurationStatus.generation),
                ]
            )
        case .refused(let reason):
            logger.error(
                "reload refused",
                metadata: ["cause": .string(cause), "reason": .string(reason)]
            )
        }
    }

    private func log(_ message: Logger.Message, _ listener: Proxy.Listening) {
        logger.notice(
            message,
            metadata: ["route": .string(listener.route), "address": .string(listener.address)]
        )
    }
}
