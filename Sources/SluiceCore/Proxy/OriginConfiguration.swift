/// One origin of a route.
public struct OriginConfiguration: Sendable, Equatable {
    public var address: OriginAddress
    /// Its share of the connections, relative to the other origins' weights. From 1.
    public var weight = 1
    /// Ceiling on its connections at one time, over all workers. `nil`: none.
    public var maxConnections: Int?
    /// What its health checks connect to. `nil`: `address`, with the port that `HealthConfiguration` may have in place of its own.
    public var healthAddress: OriginAddress?

    public init(_ address: OriginAddress) {
        self.address = address
    }
}

/// How a route's connections are dealt out to its origins.
public enum BalanceMethod: String, Sendable, CaseIterable {
    /// In turn, by weight.
    case roundRobin = "round_robin"
    /// To the one that has the fewest connections for its weight.
    case leastConnections = "least_connections"
    /// To the nearest by Sluice's own measurements; among equally near ones, as `leastConnections`.
    case leastRTT = "least_rtt"
}

/// Where connections wait while every origin has as many as it may have.
public struct QueueConfiguration: Sendable, Equatable {
    /// Connections that may wait at one time, over all workers.
    public var length = 100
    /// How long one of them may wait.
    public var timeout: Duration = .seconds(10)

    public init() {}
}

/// Connections that are made to each origin ahead of demand. See `WarmStock`.
public struct WarmPoolConfiguration: Sendable, Equatable {
    /// Ceiling on those of one origin at one time, over all workers. How many there are follows the arrivals.
    public var most = 32
    /// The longest that one waits to be used.
    public var maxAge: Duration = .seconds(15)

    public init() {}
}

/// When an origin that fails is left out for a while. See `EjectionState`.
public struct EjectionConfiguration: Sendable, Equatable {
    /// Failures in a row that eject.
    public var failures = 3
    /// How long the first ejection takes; each further one twice as long.
    public var time: Duration = .seconds(10)
    /// The longest that an ejection takes.
    public var maxTime: Duration = .seconds(300)
    /// Percent: with fewer of the origins healthy than this, or none, health is ignored and all of them are used. 0: never, so
    /// that what is not healthy gets nothing, whatever becomes of the clients. Without ejection it is never, too.
    ///
    /// Envoy's panic threshold. Its default of 50 would send two of three connections to dead origins when two of three
    /// are down; a third is right for three, too.
    public var panicPercent = 33

    public init() {}
}
