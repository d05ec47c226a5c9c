/// How much a queue swings by itself: what has to be bridged on a path whose rate is not steady.
///
/// A value: queues in microseconds.
struct QueueSwing: Sendable {
    private static let weightOfMean = 0.3
    private static let weight = 0.1
    /// A change of the path is over in so many steps; a radio link's rate swings all the time.
    private static let lastingWeight = 0.03
    /// One step counts no more in the lasting deviation than so many times the present one.
    private static let outlier = 3.0
    /// Less than so much of the line's rate before is another line, and no swing.
    static let slower = 0.75

    /// Mean distance from what the queue was to be.
    private(set) var deviation = 0.0
    /// What of it is not over soon.
    private var lasting = 0.0
    var lastingDeviation: Double { min(deviation, lasting) }
    private var deviationBefore = 0.0
    private var lastingBefore = 0.0
    /// Negative: nothing is known.
    private var mean = -1.0
    /// The line has become slower, and what stood in the queue then has not drained yet.
    private var isDraining = false

    /// - Parameters:
    ///   - expected: what the flows' own rates have made of it, where that is known: with several flows each step answers the one before
    ///     the last, and most of the swings are their own.
    ///   - base: the least queue that is worth a decision.
    mutating func note(_ queue: Double, expected: Double?, base: Double) {
        deviationBefore = deviation
        lastingBefore = lasting
        guard mean >= 0 else {
            mean = queue
            return
        }
        var distance = (queue - mean).magnitude
        if let expected { distance = min(distance, (queue - expected).magnitude) }
        if isDraining { distance = min(distance, 2 * base + 3 * deviation) }
        lasting += Self.lastingWeight * (min(distance, Self.outlier * deviation) - lasting)
        deviation += Self.weight * (distance - deviation)
        mean += Self.weightOfMean * (queue - mean)
    }

    /// The line's rate has fallen, and that is why the queue is what it is: once, and not again and again.
    mutating func noteSlower() {
        isDraining = true
        deviation = min(deviation, deviationBefore)
        lasting = min(lasting, lastingBefore)
    }

    mutating func noteDrained() { isDraining = false }

    /// What the queue was before has nothing to do with what it is from now on.
    mutating func begin(at queue: Double) {
        deviation = 0
        lasting = 0
        mean = queue
    }

    mutating func forget() { mean = -1 }
}
