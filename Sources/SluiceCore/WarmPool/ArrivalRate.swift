import Glibc

/// How many connections come a second, and when the last one did: an average that forgets exponentially. Pure.
///
/// Times are milliseconds of a monotonic clock.
struct ArrivalRate {
    /// After so long an arrival counts for 1/e. Long enough for a few arrivals at the rates where the pool's size depends on
    /// them; short enough to follow a load that comes and goes.
    static let memoryMilliseconds = 5000.0

    private var perSecondAtLast = 0.0
    /// `nil`: none ever came.
    private(set) var last: UInt64?

    mutating func note(at now: UInt64) {
        perSecondAtLast = perSecond(at: now) + 1000 / Self.memoryMilliseconds
        last = max(last ?? 0, now)
    }

    func perSecond(at now: UInt64) -> Double {
        // The loops' clocks differ by what an iteration takes.
        guard let last, now > last else { return perSecondAtLast }
        return perSecondAtLast * exp(-Double(now - last) / Self.memoryMilliseconds)
    }
}
