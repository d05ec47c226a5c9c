import SluiceControl

/// Everything a running proxy was told, immutable from the moment that it was checked.
///
/// `SluiceConfig` makes one from YAML; the command line makes one from flags. Nothing in the data plane reads text.
public struct Configuration: Sendable, Equatable {
    /// Event loops, each on a thread of its own. `nil`: one per core.
    public var workers: Int?
    /// Ceiling on the bytes of relay buffers over all workers.
    public var memoryBytes: Int = 256 << 20
    /// Ceiling on client connections at one time. `nil`: what the descriptor limit allows.
    public var maxConnections: Int?
    public var drain = DrainConfiguration()
    /// The longest that a resolved origin name is used before it is asked for again: where its records live shorter, they
    /// decide.
    public var dnsRefresh: Duration = .seconds(30)
    public var removedAddresses: RemovalPolicy = .keep
    /// `nil`: no admin server.
    public var admin: AdminConfiguration? = AdminConfiguration()
    public var log = LogConfiguration()
    /// What some classes are to mean here. A class that is missing keeps the targets of `ClassTargets`.
    public var classes: [FlowClass: ClassOverrides] = [:]
    public var routes: [RouteConfiguration]

    public init(routes: [RouteConfiguration]) {
        self.routes = routes
    }
}

/// How connections are ended that nobody wants to keep. A proxy goes like this: first `grace`, then the listeners close, then
/// the time until `deadline`, which ends with `window`.
public struct DrainConfiguration: Sendable, Equatable {
    /// How long the proxy says that it is not ready, and still accepts, before its listeners close.
    public var grace: Duration = .zero
    /// How long connections may live on from then. What is left is reset.
    public var deadline: Duration = .seconds(30)
    /// The last part of the deadline's time, over which the connections that are left and silent are ended in order, evenly
    /// spread. Not longer than `deadline`.
    public var window: Duration = .zero
    /// Those to an origin that a reload has taken out of its route: `close` ends them by `deadline` and `window`.
    public var removedOrigins: RemovalPolicy = .keep

    public init() {}
}

/// What happens to the connections to what was removed.
public enum RemovalPolicy: String, Sendable, CaseIterable {
    /// They live on.
    case keep
    case close
}

/// One service: where clients connect, and where Sluice connects for them.
public struct RouteConfiguration: Sendable, Equatable {
    /// Unique among the routes; the `route` label of every metric.
    public var name: String
    /// At least one.
    public var listen: [ListenAddress]
    /// Empty: where the client wanted to go, as `original` says.
    public var origins: [OriginConfiguration] = []
    public var balance: BalanceMethod = .roundRobin
    /// `nil`: nobody waits, and who finds no place is reset.
    public var queue: QueueConfiguration? = QueueConfiguration()
    /// `nil`: no origin is checked.
    public var health: HealthConfiguration?
    /// `nil`: no origin is ever ejected.
    public var ejection: EjectionConfiguration? = EjectionConfiguration()
    /// `nil`: each connection is made when it is needed.
    public var warmPool: WarmPoolConfiguration?
    /// Set, and of use, only without `origins`.
    public var original: OriginalDestinationConfiguration?
    /// Whether its listeners take connections to other addresses than their own.
    var listensTransparently: Bool { original?.via == .tproxy }
    /// `nil`: no header is looked for.
    public var acceptProxy: AcceptProxyConfiguration?
    /// `nil`: no header is sent.
    public var sendProxy: SendProxy?
    public var source = SourceAddress.own
    /// `SO_MARK` of the sockets to the origin; `nil`: none.
    public var mark: UInt32?
    /// `nil`: guessed from the first origin's port, then corrected by what the traffic looks like.
    public var flowClass: FlowClass?
    public var policy: Policy = .adaptive
    /// Ceiling on the relay buffer of each direction of one connection, in bytes.
    public var ringCeilingBytes: Int = 1 << 20
    /// What an adaptive controller of this route may not set.
    public var forbiddenActuators: ActuatorSet = []
    /// Ceiling on the kernel memory of one adaptive connection, in bytes: a quarter for the sending and for the receiving side
    /// of each of its sockets.
    public var connectionMemoryBytes: Int = 128 << 20
    /// Share of the adaptive policy's connections that are left to the kernel alone, to compare with: 0 to 0.5.
    public var holdback = 0.05
    /// `nil` fields take the class's default from `ClassTargets`.
    public var timeouts = TimeoutOverrides()
    /// Ceiling on this route's connections at one time. `nil`: none of its own.
    public var maxConnections: Int?
    /// Ceiling on the connections of one client address. `nil`: none.
    public var maxConnectionsPerClient: Int?
    /// New connections a second. `nil`: as many as come.
    public var connectionRate: Int?
    /// New connections a second of one client address. `nil`: as many as come.
    public var connectionRatePerClient: Int?
    /// Bytes a second in each direction, over all connections. `nil`: no limit.
    public var bandwidth: Int?
    /// Bytes a second in each direction, over the connections of one client address. `nil`: no limit.
    public var bandwidthPerClient: Int?
    public var access = AccessConfiguration()

    /// With one origin, which takes as many connections as come.
    public init(name: String, listen: [ListenAddress], origin: OriginAddress) {
        self.name = name
        self.listen = listen
        origins = [OriginConfiguration(origin)]
    }

    /// For connections that the packet filter has steered here.
    public init(name: String, listen: [ListenAddress], original: OriginalDestinationConfiguration) {
        self.name = name
        self.listen = listen
        self.original = original
    }
}

/// Which clients a route serves. The longest prefix that holds a client's address decides; where none does, it is served
/// unless some are named to be allowed.
public struct AccessConfiguration: Sendable, Equatable {
    public var allow: [AddressPrefix]
    /// Has none of `allow`.
    public var deny: [AddressPrefix]

    public init(allow: [AddressPrefix] = [], deny: [AddressPrefix] = []) {
        self.allow = allow
        self.deny = deny
    }
}

/// Timeouts that a route sets itself. See `ClassTargets` for what each means.
public struct TimeoutOverrides: Sendable, Equatable {
    public var connect: Duration?
    public var idle: IdleTimeout?
    public var halfClosed: Duration?

    public init(connect: Duration? = nil, idle: IdleTimeout? = nil, halfClosed: Duration? = nil) {
        self.connect = connect
        self.idle = idle
        self.halfClosed = halfClosed
    }
}

/// An idle timeout that was written down: `never` is a choice, too.
public enum IdleTimeout: Sendable, Equatable {
    case never
    case after(Duration)
}

public struct AdminConfiguration: Sendable, Equatable {
    /// Loopback by default. Elsewhere it needs a token.
    public var listen: ListenAddress = ListenAddress(.ip("127.0.0.1", port: 9901))
    /// Path of the file with the bearer token that clients have to show. `nil`: none.
    public var tokenFile: String?
    /// Whether the admin server does anything but answer questions.
    public var allowsWriting = false

    public init() {}
}

public struct LogConfiguration: Sendable, Equatable {
    public enum Format: String, Sendable, CaseIterable { case text, json }
    /// The names of swift-log's levels.
    public enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
    public var format: Format = .text
    public var level: Level = .info

    public init() {}
}
