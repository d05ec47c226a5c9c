import SluiceAdmin
import SluiceCore
import Synchronization

/// A service that remembers what was done to it.
final class FakeActions: AdminActions {
    private let done = Mutex<[String]>([])
    private let level = Mutex(LogConfiguration.Level.info)

    var log: [String] { done.withLock { $0 } }

    private func note(_ action: String) { done.withLock { $0.append(action) } }

    func reload() async -> ReloadAnswer {
        note("reload")
        return log.count == 1 ? .applied(["memory: 1M -> 2M"]) : .refused("f:1:2: key: wrong")
    }

    var logLevel: LogConfiguration.Level { level.withLock { $0 } }

    func setLogLevel(_ level: LogConfiguration.Level) { self.level.withLock { $0 = level } }

    func closeConnections(_ filter: ConnectionFilter) async -> Int {
        let chosen = await FakeProxy().connections().filter(filter.matches)
        note("close \(chosen.map(\.id).sorted())")
        return chosen.count
    }

    func setDrained(_ isDrained: Bool, origin: String, ofRoute route: String) -> Bool {
        guard FakeProxy().origins.contains(where: { $0.route == route && $0.origin == origin }) else {
            return false
        }
        note("\(isDrained ? "drain" : "serve") \(route) \(origin)")
        return true
    }
}
