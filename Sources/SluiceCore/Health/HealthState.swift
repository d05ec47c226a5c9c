/// Whether an origin passes its checks. Pure.
///
/// It takes several results in a row to change the verdict, so that one lost packet does not. The first result of all
/// decides at once: until then nothing is known, and it is used.
struct HealthState {
    private let rise: Int
    private let fall: Int
    private(set) var isHealthy: Bool
    /// Results in a row that contradict the verdict.
    private var against = 0
    private var isFirst = true

    /// - Parameter isHealthy: What holds until the first result.
    init(rise: Int, fall: Int, isHealthy: Bool = true) {
        self.isHealthy = isHealthy
        self.rise = rise
        self.fall = fall
    }

    /// Returns whether the verdict has changed.
    mutating func note(passed: Bool) -> Bool {
        defer { isFirst = false }
        guard passed != isHealthy else {
            against = 0
            return false
        }
        against += 1
        guard isFirst || against >= (passed ? rise : fall) else { return false }
        isHealthy = passed
        against = 0
        return true
    }
}
