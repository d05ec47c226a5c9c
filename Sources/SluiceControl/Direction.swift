/// Which way bytes travel through a connection.
public enum Direction: String, Sendable, Hashable, CaseIterable {
    /// From the client to the origin.
    case upstream
    /// From the origin to the client.
    case downstream
}

/// One of the two sockets of a connection.
public enum Leg: String, Sendable, Hashable, CaseIterable {
    /// The socket that Sluice accepted.
    case client
    /// The socket that Sluice connected.
    case origin
}
