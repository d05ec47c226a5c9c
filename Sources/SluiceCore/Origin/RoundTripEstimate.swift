/// How far away an origin is, by what Sluice measures of it: connects, and the round trips of its legs. Pure.
///
/// A path cannot be faster than it is, so what is lower counts at once; what is higher may be a hiccup, and moves the
/// estimate by a quarter of the way.
struct RoundTripEstimate {
    /// Microseconds; 0 while nothing was measured.
    private(set) var microseconds: UInt32

    /// A connect that fails counts as one that took so long: an origin far away, not one to prefer for refusing quickly.
    static let failureMicroseconds: UInt32 = 1_000_000

    init(microseconds: UInt32 = 0) {
        self.microseconds = microseconds
    }

    mutating func observe(_ sample: UInt32) {
        let sample = max(1, sample)
        if microseconds == 0 || sample < microseconds {
            microseconds = sample
        } else {
            microseconds += (sample - microseconds) / 4
        }
    }
}
