/// How a route's origins are asked whether they are well.
public struct HealthConfiguration: Sendable, Equatable {
    public var check: HealthCheck
    /// From the end of one check to the begin of the next.
    public var interval: Duration = .seconds(5)
    /// How long a check may take, from its connect to its answer.
    public var timeout: Duration = .seconds(2)
    /// So many passed checks in a row make an unhealthy origin healthy.
    public var rise = 2
    /// So many failed checks in a row make a healthy origin unhealthy.
    public var fall = 3
    /// The port that is asked, on the origin's host. `nil`: the origin's own.
    public var port: UInt16?
    /// What happens to an origin's connections when it turns unhealthy: `close` resets them.
    public var onUnhealthy: RemovalPolicy = .keep

    public init(check: HealthCheck) {
        self.check = check
    }

    /// What is asked about `origin`. A port in place of its own takes one that has a host and a port.
    func address(for origin: OriginConfiguration) -> OriginAddress {
        if let address = origin.healthAddress { return address }
        guard let port else { return origin.address }
        switch origin.address.address {
        case .ip(let host, _): return OriginAddress(.ip(host, port: port))
        case .name(let name, _): return OriginAddress(.name(name, port: port))
        case .unix: return origin.address
        }
    }
}

/// What is asked of an origin, and what answer is a good one.
public enum HealthCheck: Sendable, Equatable {
    /// It accepts a connection.
    case tcp
    /// It begins to authenticate `user`, or refuses that user: both show a server that takes sessions.
    case postgres(user: String)
    /// It answers PING, or asks for a password first.
    case redis
    /// It answers a GET of `path` with one of these statuses.
    case http(path: String, host: String, status: ClosedRange<Int> = 200...399)
    /// It is sent `send`, which may be empty, and answers with something that holds `expect`.
    case sendExpect(send: String, expect: String)
}
