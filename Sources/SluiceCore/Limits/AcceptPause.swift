/// Why a listener leaves clients in the kernel's queue for a while.
public enum AcceptPause: String, Sendable, CaseIterable {
    /// There are as many connections as there may be: of its route, or in all.
    case connectionLimit = "connection_limit"
    /// accept() failed for want of descriptors, or of memory for sockets.
    case descriptors
    /// Its route had as many new connections in this time as it may have.
    case rateLimit = "rate_limit"
}
