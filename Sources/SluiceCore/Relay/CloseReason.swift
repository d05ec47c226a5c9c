/// Why a connection ended: the `reason` label of `sluice_connections_closed_total`, and the log line's `reason`.
public enum CloseReason: String, Sendable, Hashable, CaseIterable {
    /// Both sides closed their halves in order, and every byte was passed on.
    case completed
    /// The client sent a reset, or vanished (keepalive, retransmission timeout).
    case clientReset = "client_reset"
    /// The origin sent a reset, or vanished.
    case originReset = "origin_reset"
    /// The origin's name did not resolve, and no earlier answer was at hand.
    case resolveFailed = "resolve_failed"
    /// Every address of the origin refused.
    case connectRefused = "connect_refused"
    /// No address of the origin answered in time.
    case connectTimeout = "connect_timeout"
    /// The origin could not be connected for another reason (no route, no such Unix socket, no descriptor).
    case connectFailed = "connect_failed"
    /// Every origin had as many connections as it may have, and the queue was full, too.
    case originLimit = "origin_limit"
    /// No origin had a place for it in time.
    case queueTimeout = "queue_timeout"
    /// Every origin was drained or, where there is no panic, not healthy.
    case noOrigin = "no_origin"
    /// The origin's name has lost the address that it was connected to, or a reload has taken the origin out and the drain's
    /// deadline has come.
    case originRemoved = "origin_removed"
    /// The origin failed its health checks, and its connections end for that.
    case originUnhealthy = "origin_unhealthy"
    case idleTimeout = "idle_timeout"
    case halfClosedTimeout = "half_closed_timeout"
    /// Silent in the window before the deadline of a drain, the process's or that of an origin that is gone, so that it could be ended in order.
    case drainWindow = "drain_window"
    /// The drain's deadline came before the connection's end.
    case drainDeadline = "drain_deadline"
    /// An operator closed it through the admin server.
    case closedByOperator = "closed_by_operator"
    /// The client's address had as many connections as it may have.
    case clientLimit = "client_limit"
    /// The client's address had as many new connections in the last second as it may have.
    case clientRate = "client_rate"
    /// The route's access rules do not allow the client's address.
    case accessDenied = "access_denied"
    /// The PROXY header was malformed, did not come in time, or the connection came from an address that may not send one.
    case proxyHeader = "proxy_header"
    /// The client wanted to go where it may not, or to Sluice itself.
    case destinationRefused = "destination_refused"

    /// Whether the peers may be shown an end in order, when nothing of theirs is held. The others show as a reset.
    var isOrderly: Bool {
        switch self {
        case .completed, .idleTimeout, .halfClosedTimeout, .drainWindow: true
        case .clientReset, .originReset, .resolveFailed, .connectRefused, .connectTimeout, .connectFailed,
            .drainDeadline, .closedByOperator, .clientLimit, .clientRate, .accessDenied, .proxyHeader,
            .destinationRefused, .originLimit, .queueTimeout, .noOrigin, .originRemoved, .originUnhealthy:
            false
        }
    }
}
