/// How one origin of a route stands: a copy, for the metrics and for the admin server.
public struct OriginSnapshot: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        /// It gets connections.
        case available
        /// It does not pass its health checks.
        case unhealthy
        /// It failed too often, and is left out for a while.
        case ejected
        /// Somebody asked that it get no new connections.
        case drained
    }

    public var route: String
    /// As it stands in the configuration.
    public var origin: String
    public var state: State
    /// Connections that it has now, or that are on their way to it.
    public var connections: Int
    /// Ceiling on them; `nil`: none.
    public var connectionsLimit: Int?
    /// Connections that were made, and attempts at an address of it that failed.
    public var connects: UInt64
    public var connectFailures: UInt64
    public var ejections: UInt64
    /// Questions for its name that failed.
    public var resolveFailures: UInt64
    /// Health checks, by their result.
    public var checksPassed: UInt64
    public var checksFailed: UInt64
    /// What `least_rtt` compares; `nil` until something was measured.
    public var roundTripSeconds: Double?
    /// `nil`: no connections are made ahead of demand.
    public var warm: Warm?

    /// Connections to the origin that are made ahead of demand.
    public struct Warm: Sendable, Hashable {
        /// Those that wait to be used.
        public var ready: Int
        /// Those that were made.
        public var opened: UInt64
        /// Connections that found one ready, and that found none.
        public var hits: UInt64
        public var misses: UInt64
        /// Those that were closed unused: indexed as `WarmDiscard.allCases`.
        public var discards: [UInt64]

        public init(ready: Int, opened: UInt64, hits: UInt64, misses: UInt64, discards: [UInt64]) {
            self.ready = ready
            self.opened = opened
            self.hits = hits
            self.misses = misses
            self.discards = discards
        }
    }

    public init(
        route: String,
        origin: String,
        state: State,
        connections: Int,
        connectionsLimit: Int? = nil,
        connects: UInt64,
        connectFailures: UInt64,
        ejections: UInt64,
        resolveFailures: UInt64 = 0,
        checksPassed: UInt64,
        checksFailed: UInt64,
        roundTripSeconds: Double?,
        warm: Warm? = nil
    ) {
        self.route = route
        self.origin = origin
        self.state = state
        self.connections = connections
        self.connectionsLimit = connectionsLimit
        self.connects = connects
        self.connectFailures = connectFailures
        self.ejections = ejections
        self.resolveFailures = resolveFailures
        self.checksPassed = checksPassed
        self.checksFailed = checksFailed
        self.roundTripSeconds = roundTripSeconds
        self.warm = warm
    }
}
