import FlyingSocks
import Logging

/// What FlyingFox has to say goes to Sluice's log, not to standard output, and below the level that operators read:
/// a client that hangs up is no event of theirs. What matters to them, `AdminServer` says itself.
struct FlyingFoxLog: FlyingSocks.Logging {
    let logger: Logger

    func logDebug(_ message: @autoclosure () -> String) { trace(message) }
    func logInfo(_ message: @autoclosure () -> String) { trace(message) }
    func logWarning(_ message: @autoclosure () -> String) { debug(message) }
    func logError(_ message: @autoclosure () -> String) { debug(message) }
    func logCritical(_ message: @autoclosure () -> String) { debug(message) }

    private func trace(_ message: () -> String) { logger.trace("admin server: \(message())") }
    private func debug(_ message: () -> String) { logger.debug("admin server: \(message())") }
}
