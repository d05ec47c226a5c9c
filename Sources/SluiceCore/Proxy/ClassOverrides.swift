import SluiceControl

/// What the configuration puts in the place of a class's own targets. `nil` fields keep those of `ClassTargets`.
public struct ClassOverrides: Sendable, Equatable {
    public var queueBudget: Duration?
    /// Bytes.
    public var startupNotSentLowat: Int?
    public var timeouts = TimeoutOverrides()

    public init() {}

    func applied(to targets: ClassTargets) -> ClassTargets {
        var result = targets
        if let queueBudget { result.queueBudget = queueBudget }
        if let startupNotSentLowat { result.startupNotSentLowat = startupNotSentLowat }
        if let connect = timeouts.connect { result.connectTimeout = connect }
        if let halfClosed = timeouts.halfClosed { result.halfClosedTimeout = halfClosed }
        switch timeouts.idle {
        case nil: break
        case .never: result.idleTimeout = nil
        case .after(let duration): result.idleTimeout = duration
        }
        return result
    }
}
