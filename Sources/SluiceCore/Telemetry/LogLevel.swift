import Logging
import Synchronization

/// The least severe level that a process logs. It can be changed while it logs. Safe from any thread.
public final class LogLevel: Sendable {
    private let index: Atomic<Int>
    private static let levels = LogConfiguration.Level.allCases
    /// Indexed as `levels`, which have swift-log's names.
    private static let loggerLevels = levels.map { Logger.Level(rawValue: $0.rawValue) ?? .info }

    public init(_ level: LogConfiguration.Level) {
        index = Atomic(Self.index(of: level))
    }

    public var level: LogConfiguration.Level {
        get { Self.levels[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    var loggerLevel: Logger.Level { Self.loggerLevels[index.load(ordering: .relaxed)] }

    private static func index(of level: LogConfiguration.Level) -> Int { levels.firstIndex(of: level) ?? 0 }
}
