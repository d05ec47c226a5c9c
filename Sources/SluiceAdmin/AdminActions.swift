import SluiceCore

/// What an operator may do to a running service through the admin server, where it is opened for writing. Every call is safe
/// from any thread.
public protocol AdminActions: Sendable {
    /// Reads the configuration file again, and takes it over whole or not at all.
    func reload() async -> ReloadAnswer
    /// The least severe level that is logged now.
    var logLevel: LogConfiguration.Level { get }
    /// Until the next reload or the next call.
    func setLogLevel(_ level: LogConfiguration.Level)
    /// Ends what the filter matches, with a reset, and returns how many that were.
    func closeConnections(_ filter: ConnectionFilter) async -> Int
    /// Drains one origin of one route, or lets it serve again. False when there is none.
    func setDrained(_ isDrained: Bool, origin: String, ofRoute route: String) -> Bool
}

/// What became of a reload.
public enum ReloadAnswer: Sendable {
    /// What is now different, a change a line.
    case applied([String])
    /// Nothing changed; why, a problem a line.
    case refused(String)
}
