// When each token is due.

/// Deadlines of tokens at an even rate.
///
/// Each is computed from the start, never from the token before, so that late wake-ups do not add up. After a
/// pause (a slow reader) the tokens that are overdue follow at once.
struct TokenPacer {
    let start: ContinuousClock.Instant
    /// Tokens a second.
    let rate: Double

    /// When the token with this index, counted from 0, is due: the first after one interval, as after a
    /// model's evaluation of the prompt.
    func deadline(of index: Int) -> ContinuousClock.Instant {
        start + .seconds(Double(index + 1) / rate)
    }
}
