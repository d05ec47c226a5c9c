import Synchronization

/// So many units a second, and how much of it may come at once after a quiet time.
struct TokenRate: Sendable, Equatable {
    /// At least 1.
    let unitsPerSecond: Int
    /// Nanoseconds whose units a full bucket holds.
    let depth: Int

    /// New connections: a full second's worth may come at once, so that a page with many requests is no attack.
    static func connections(_ perSecond: Int) -> TokenRate {
        TokenRate(unitsPerSecond: perSecond, depth: 1_000_000_000)
    }

    /// Bytes. Deep enough for timers that are 50 ms apart, and late, to lose nothing of the rate.
    static func bytes(_ perSecond: Int) -> TokenRate {
        TokenRate(unitsPerSecond: perSecond, depth: 250_000_000)
    }

    /// Nanoseconds that so many units take to come. Rounded down, so that a full bucket holds what it is said to hold.
    func time(of units: Int) -> Int {
        // In two parts, so that no number of bytes overflows.
        let (seconds, rest) = units.quotientAndRemainder(dividingBy: unitsPerSecond)
        return seconds * 1_000_000_000 + Int(Double(rest) / Double(unitsPerSecond) * 1e9)
    }
}

/// A token bucket that all workers share, in one word: the time at which it will be full again (the generic cell rate
/// algorithm, ITU-T I.371, in its virtual scheduling form).
///
/// The rate comes with each call, so that a reload can change it. Times are nanoseconds of the monotonic clock.
final class TokenBucket: Sendable {
    private let fullAt = Atomic<Int>(0)

    /// Takes `units` if all of them are there.
    func take(_ units: Int, at rate: TokenRate, now: Int) -> Bool {
        charge(units, at: rate, now: now) { $0 <= now + rate.depth } != nil
    }

    /// Takes `units`, there or not. Returns how long the caller waits until it uses them: callers are served in the order in
    /// which they asked.
    func reserve(_ units: Int, at rate: TokenRate, now: Int) -> Int {
        let charged = charge(units, at: rate, now: now) { _ in true }
        return max(0, charged! - rate.depth - now)
    }

    /// Puts back what was taken and not used.
    func giveBack(_ units: Int, at rate: TokenRate) {
        guard units > 0 else { return }
        fullAt.wrappingSubtract(rate.time(of: units), ordering: .relaxed)
    }

    /// Whether nothing is remembered here that a new bucket would not know.
    func isFull(at now: Int) -> Bool { fullAt.load(ordering: .relaxed) <= now }

    /// Whether `take` would give one unit.
    func hasOne(at rate: TokenRate, now: Int) -> Bool {
        max(fullAt.load(ordering: .relaxed), now) + rate.time(of: 1) <= now + rate.depth
    }

    private func charge(_ units: Int, at rate: TokenRate, now: Int, where isRight: (Int) -> Bool) -> Int? {
        let time = rate.time(of: units)
        var seen = fullAt.load(ordering: .relaxed)
        while true {
            let next = max(seen, now) + time
            guard isRight(next) else { return nil }
            let (done, current) = fullAt.weakCompareExchange(
                expected: seen,
                desired: next,
                ordering: .relaxed
            )
            if done { return next }
            seen = current
        }
    }
}
