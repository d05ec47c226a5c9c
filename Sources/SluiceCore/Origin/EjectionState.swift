/// Passive health: whether an origin that failed is left out for a while. Pure: told what happened, and when.
///
/// So many failures in a row eject it. It comes back by itself, on probation: one more failure ejects it for twice as long,
/// up to a longest time. Once it has worked for as long as its last ejection took, all is forgotten.
/// (Envoy calls it outlier detection: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier)
///
/// Times are milliseconds of a monotonic clock.
struct EjectionState {
    struct Rules: Sendable {
        /// Failures in a row that eject.
        let failures: Int
        /// How long the first ejection takes.
        let time: UInt64
        /// The longest that an ejection ever takes.
        let longestTime: UInt64
    }

    private var failuresInARow = 0
    /// Length of the last ejection; 0 when there was none, or it is forgotten.
    private var lastLength: UInt64 = 0
    private var isOnProbation = false
    /// When the last ejection ends, or ended; 0 when there was none.
    private(set) var ejectedUntil: UInt64 = 0

    func isEjected(at now: UInt64) -> Bool { now < ejectedUntil }

    /// Whether a success would change anything.
    var wantsSuccess: Bool { failuresInARow > 0 || lastLength > 0 }

    /// Returns whether this failure ejected it. What was begun before an ejection, and fails during it, adds nothing.
    mutating func failed(at now: UInt64, by rules: Rules) -> Bool {
        guard !isEjected(at: now) else { return false }
        failuresInARow += 1
        guard isOnProbation || failuresInARow >= rules.failures else { return false }
        lastLength = lastLength == 0 ? rules.time : min(lastLength * 2, rules.longestTime)
        ejectedUntil = now + lastLength
        failuresInARow = 0
        isOnProbation = true
        return true
    }

    mutating func succeeded(at now: UInt64) {
        guard !isEjected(at: now) else { return }
        failuresInARow = 0
        isOnProbation = false
        if now >= ejectedUntil + lastLength { lastLength = 0 }
    }
}
