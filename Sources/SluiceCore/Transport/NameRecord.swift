/// What is known of one name, and when it has to be asked for again. Pure.
///
/// An answer lives as long as its records say, between a shortest and a longest time, and is used beyond that until a new one
/// is there: a name server that is down costs nothing to an origin that was ever found. After a failure the next question
/// waits a moment.
///
/// Times are milliseconds of a monotonic clock.
struct NameRecord<Answer: Equatable> {
    struct Lifetimes {
        /// The least that an answer lives, whatever its records say: no name is asked for with every connection.
        var shortest: UInt64 = 1000
        /// The most.
        let longest: UInt64
        /// How long to wait after a failure.
        var retry: UInt64 = 1000
    }

    private let lifetimes: Lifetimes
    /// The last good answer; `nil` when there never was one.
    private(set) var answer: Answer?
    private(set) var isAsking = false
    private var askAgainAt: UInt64 = 0

    init(lifetimes: Lifetimes) {
        self.lifetimes = lifetimes
    }

    /// Whether somebody has to ask now; if so, it is noted that somebody does.
    mutating func shouldAsk(at now: UInt64) -> Bool {
        guard !isAsking, now >= askAgainAt else { return false }
        isAsking = true
        return true
    }

    /// `timeToLive`: seconds, as the records say it.
    mutating func answered(_ answer: Answer, timeToLive: UInt32, at now: UInt64) {
        isAsking = false
        self.answer = answer
        askAgainAt = now + min(max(UInt64(timeToLive) * 1000, lifetimes.shortest), lifetimes.longest)
    }

    /// The last good answer stays.
    mutating func failed(at now: UInt64) {
        isAsking = false
        askAgainAt = now + min(lifetimes.retry, lifetimes.longest)
    }
}
