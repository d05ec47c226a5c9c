/// Everything that a flow class decides, in one row. `ClassTargets.table` is the only place such numbers stand.
public struct ClassTargets: Sendable, Hashable {
    /// How long data may wait unsent in the proxy, in user space and in the kernel's send queue together.
    public var queueBudget: Duration
    /// How long a connect to the origin may take, over all of its addresses.
    public var connectTimeout: Duration
    /// How long a connection may be silent in both directions. `nil`: for ever.
    public var idleTimeout: Duration?
    /// How long a connection may live on, silent, after one side has closed its half.
    public var halfClosedTimeout: Duration

    public init(
        queueBudget: Duration, connectTimeout: Duration, idleTimeout: Duration?, halfClosedTimeout: Duration
    ) {
        self.queueBudget = queueBudget
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.halfClosedTimeout = halfClosedTimeout
    }
}
