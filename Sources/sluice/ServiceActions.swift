import SluiceAdmin
import SluiceCore

/// What the admin server may do to the running service.
struct ServiceActions: AdminActions {
    let proxy: Proxy
    let reloader: Reloader
    let level: LogLevel

    func reload() async -> ReloadAnswer {
        switch await reloader.reload(cause: "admin") {
        case .applied(let changes): .applied(changes.map(\.description))
        case .refused(let reason): .refused(reason)
        }
    }

    var logLevel: LogConfiguration.Level { level.level }

    func setLogLevel(_ level: LogConfiguration.Level) { self.level.level = level }

    func closeConnections(_ filter: ConnectionFilter) async -> Int { await proxy.closeConnections(filter) }

    func setDrained(_ isDrained: Bool, origin: String, ofRoute route: String) -> Bool {
        proxy.setDrained(isDrained, origin: origin, ofRoute: route)
    }
}
