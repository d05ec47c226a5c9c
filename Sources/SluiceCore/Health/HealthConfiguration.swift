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

    public init(check: HealthCheck) {
        self.check = check
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
    /// It answers a GET of `path` with a status from 200 to 399.
    case http(path: String, host: String)
    /// It is sent `send`, which may be empty, and answers with something that holds `expect`.
    case sendExpect(send: String, expect: String)
}
