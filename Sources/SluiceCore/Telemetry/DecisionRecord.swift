import SluiceControl

/// A decision that changed something, with the numbers that it rests on.
///
/// A rate is adjusted with most samples. Decisions that follow each other in one direction, and set the same for the same
/// reason, are one record, with the numbers of the newest.
public struct DecisionRecord: Sendable, Hashable {
    /// Monotonic microseconds (`MonotonicClock`).
    public var time: UInt64
    public var direction: Direction
    /// The complete state that was decided on, and why.
    public var decision: Decision
    /// What of it was new.
    public var changed: ActuatorSet
    /// What the path looked like.
    public var path: PathEstimate
    /// What happened since the sample before. `nil` for a socket that tells nothing.
    public var evidence: Evidence?
    /// The first one's time, and how many there were.
    public private(set) var since: UInt64
    public private(set) var count = 1

    public init(
        time: UInt64,
        direction: Direction,
        decision: Decision,
        changed: ActuatorSet,
        path: PathEstimate,
        evidence: Evidence?
    ) {
        self.time = time
        self.direction = direction
        self.decision = decision
        self.changed = changed
        self.path = path
        self.evidence = evidence
        since = time
    }

    /// Takes up the next decision of this direction. False: it is another story.
    mutating func absorb(_ next: DecisionRecord) -> Bool {
        guard next.direction == direction, next.decision.reason == decision.reason, next.changed == changed
        else { return false }
        time = next.time
        decision = next.decision
        path = next.path
        evidence = next.evidence ?? evidence
        count += 1
        return true
    }
}
