/// How many connections a drain ends when, be it the process's or that of origins that are gone. Pure: the worker chooses which,
/// and ends them.
///
/// Times are milliseconds of the loop's clock.
struct DrainSchedule {
    let deadline: UInt64
    private let windowStart: UInt64
    /// Connections that were left when the window began.
    private var atWindowStart: Int?

    /// It begins at `now`: the listeners close, or the origins are configured no more.
    init(_ configuration: DrainConfiguration, now: UInt64) {
        deadline = now + configuration.deadline.milliseconds
        windowStart = deadline - min(configuration.window, configuration.deadline).milliseconds
    }

    /// Whether nothing is due before a later time, however many are open.
    func isWaiting(at now: UInt64) -> Bool { now < windowStart }

    /// How many of the `open` connections are to be ended now, so that their number falls evenly over the window. Those that
    /// end by themselves count.
    mutating func due(now: UInt64, open: Int) -> Int {
        guard now >= windowStart, deadline > windowStart else { return 0 }
        let total = atWindowStart ?? open
        atWindowStart = total
        let passed = min(now, deadline) - windowStart
        let wanted =
            total - Int((Double(total) * Double(passed) / Double(deadline - windowStart)).rounded(.up))
        return max(0, open - wanted)
    }
}
