/// Everything that a flow class decides, in one row. `ClassTargets.table` is the only place such numbers
/// stand.
public struct ClassTargets: Sendable, Hashable {
    /// How long data may wait unsent in the proxy, in user space and in the kernel's send queue together.
    public var queueBudget: Duration
    /// `TCP_NOTSENT_LOWAT` until the path is measured, bytes. `nil`: the kernel's.
    public var startupNotSentLowat: Int?
    /// How long a connect to the origin may take, over all of its addresses.
    public var connectTimeout: Duration
    /// How long a connection may be silent in both directions. `nil`: for ever.
    public var idleTimeout: Duration?
    /// How long a connection may live on, silent, after one side has closed its half.
    public var halfClosedTimeout: Duration

    public init(
        queueBudget: Duration,
        startupNotSentLowat: Int?,
        connectTimeout: Duration,
        idleTimeout: Duration?,
        halfClosedTimeout: Duration
    ) {
        self.queueBudget = queueBudget
        self.startupNotSentLowat = startupNotSentLowat
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.halfClosedTimeout = halfClosedTimeout
    }

    /// The targets of a class.
    public static subscript(for flowClass: FlowClass) -> ClassTargets {
        switch flowClass {
        // A token is worth reading when it is fresh; a model that loads, or thinks, may be silent for
        // minutes.
        case .llm:
            ClassTargets(
                queueBudget: .milliseconds(50),
                startupNotSentLowat: 64 << 10,
                connectTimeout: .seconds(10),
                idleTimeout: .seconds(3600),
                halfClosedTimeout: .seconds(3600)
            )
        // LISTEN/NOTIFY and pooled sessions are silent for hours and must live; keepalive finds the dead
        // ones.
        case .database:
            ClassTargets(
                queueBudget: .milliseconds(50),
                startupNotSentLowat: 128 << 10,
                connectTimeout: .seconds(5),
                idleTimeout: .seconds(86400),
                halfClosedTimeout: .seconds(300)
            )
        // A request waits behind everything that is queued before it. Pools and subscribers idle long, as
        // above.
        case .cache:
            ClassTargets(
                queueBudget: .milliseconds(20),
                startupNotSentLowat: 128 << 10,
                connectTimeout: .seconds(5),
                idleTimeout: .seconds(86400),
                halfClosedTimeout: .seconds(60)
            )
        // Throughput first: a budget that no loop's pause can drain, from a start that opens with what leaves. Half-closed
        // is the normal state of `nc -N` and of an upload that waits for its answer.
        case .network:
            ClassTargets(
                queueBudget: .milliseconds(200),
                startupNotSentLowat: 16 << 10,
                connectTimeout: .seconds(10),
                idleTimeout: .seconds(3600),
                halfClosedTimeout: .seconds(300)
            )
        // An old value is worthless. An alarm channel is silent until the day that it is needed.
        case .telemetry:
            ClassTargets(
                queueBudget: .milliseconds(20),
                startupNotSentLowat: 32 << 10,
                connectTimeout: .seconds(5),
                idleTimeout: nil,
                halfClosedTimeout: .seconds(60)
            )
        }
    }

    /// Every class and its targets, in the order of `FlowClass.allCases`.
    public static let table: [(flowClass: FlowClass, targets: ClassTargets)] =
        FlowClass.allCases.map { ($0, ClassTargets[for: $0]) }
}
