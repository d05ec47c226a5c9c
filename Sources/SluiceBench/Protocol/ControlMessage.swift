/// What the sides tell each other on the control connection.
enum ControlMessage: Codable, Sendable {
    // From the client.
    case plan(BenchPlan)
    /// Asks for the server's clock.
    case clock
    /// Every data connection stands: measure. `peerClock` is what is added to the client's clock to get the server's,
    /// nanoseconds.
    case begin(peerClock: Int64)
    /// A mixed run's second phase: the bulk begins.
    case load
    /// Stop what still runs, and report.
    case finish

    // From the server.
    case accepted(Acceptance)
    case rejected(reason: String)
    /// `CLOCK_MONOTONIC` of the server, nanoseconds.
    case clockIs(UInt64)
    /// Every data connection has arrived.
    case ready
    case report(SideReport)
}

/// The server takes a plan.
struct Acceptance: Codable, Sendable {
    /// 16 bytes.
    var token: [UInt8]
    /// `/proc/sys/kernel/random/boot_id`: with the same one on both sides, they share one clock.
    var bootID: String
}
