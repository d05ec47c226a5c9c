/// How long a connection may be warm: as configured, and less where the origin has shown that it ends them sooner. Pure.
///
/// An origin that was restarted looks like one that is impatient, so what was learned wears off: the limit doubles with every
/// minute in which no warm connection was ended.
///
/// Times are milliseconds of a monotonic clock.
struct WarmAge {
    /// The least that the limit ever is. A connection that is ended before it is so old teaches no limit: the origin does not
    /// want it.
    static let shortest: UInt64 = 1000
    /// How long until what was learned counts for half.
    static let doubling: UInt64 = 60_000

    private let longest: UInt64
    private var learned: (limit: UInt64, at: UInt64)?

    init(longest: UInt64) {
        self.longest = longest
    }

    func limit(at now: UInt64) -> UInt64 {
        guard let learned else { return longest }
        let doublings = now > learned.at ? (now - learned.at) / Self.doubling : 0
        return doublings < 32 ? min(longest, learned.limit << doublings) : longest
    }

    /// The origin ended a connection that was warm for `age`. A quarter less is the distance to keep.
    mutating func ended(after age: UInt64, at now: UInt64) {
        learned = (max(Self.shortest, min(limit(at: now), age * 3 / 4)), now)
    }
}
