/// Which actuators have earned their use on one route and class: the one that may do harm is withdrawn, and tried again later.
///
/// The arms tell whether adapting does worse, not what of it. So the actuators are withdrawn one at a time, the most
/// intrusive that was used first, each time with new evidence: what is left is compared anew. In the end nothing is left but
/// the kernel. A withdrawn actuator is tried again after `probation`; each further time doubles that.
///
/// A value without a clock: times are monotonic microseconds.
public struct ActuatorTrial: Sendable {
    /// A connection that has come to something.
    public struct Witness: Sendable {
        public var score: ArmScore
        public var arm: Arm
        /// A hash of what it shares with its neighbours: one group is in one arm, and counts once a `groupPeriod`.
        public var group: UInt64
        /// What decisions have set on its sockets.
        public var used: ActuatorSet
        /// When it was accepted.
        public var began: UInt64

        public init(score: ArmScore, arm: Arm, group: UInt64, used: ActuatorSet, began: UInt64) {
            self.score = score
            self.arm = arm
            self.group = group
            self.used = used
            self.began = began
        }
    }

    public struct Withdrawal: Sendable, Hashable {
        public var actuator: Actuator
        public var verdict: ArmComparison.Verdict
        /// Microseconds until it is tried again.
        public var probation: UInt64
    }

    /// What the newest connection led to.
    public enum Change: Sendable, Hashable {
        case withdrawn(Withdrawal)
        case readmitted(Actuator)
    }

    private struct Record: Sendable {
        /// `nil`: in use.
        var withdrawnUntil: UInt64?
        var withdrawals: UInt8 = 0
    }

    /// Most intrusive first. The ring is no option of a socket, and the kernel's arm has it as well.
    static let order: [Actuator] = [
        .congestionControl, .sendBuffer, .pacing, .sourceWindow, .notSentLowat,
    ]
    public static let probation: UInt64 = 600 * 1_000_000
    public static let longestProbation: UInt64 = 86_400 * 1_000_000
    /// For so long a group's connections begin in one arm. Ten times as long as a connection takes to be scored, so that few
    /// of a group's connections meet neighbours of the other arm.
    public static let groupPeriod: UInt64 = 300 * 1_000_000

    private var comparison = ArmComparison()
    private var counted = CountedGroups()
    private var records = order.map { _ in Record() }
    /// What adaptive connections have used since the comparison began.
    private var used: ActuatorSet = []
    /// When that was.
    private var since: UInt64 = 0

    public init() {}

    /// What new connections may use.
    public var allowed: ActuatorSet {
        zip(Self.order, records).reduce(.all) { set, entry in
            entry.1.withdrawnUntil == nil ? set : set.subtracting(ActuatorSet(entry.0))
        }
    }

    /// One more connection. Those that began before the comparison did are left out: they had what others have not.
    public mutating func note(_ witness: Witness, at time: UInt64) -> Change? {
        if let returning = readmit(at: time) { return .readmitted(returning) }
        guard witness.began >= since, counted.insert(witness.group, at: time) else { return nil }
        used.formUnion(witness.used)
        guard let verdict = comparison.note(witness.score, of: witness.arm) else { return nil }
        let suspects = used.intersection(allowed)
        restart(at: time)
        guard let place = Self.order.firstIndex(where: { suspects.contains(ActuatorSet($0)) }) else {
            // Nothing was set that could have done it: the arms differ by something else.
            return nil
        }
        return .withdrawn(withdraw(place, verdict, at: time))
    }

    private mutating func withdraw(_ place: Int, _ verdict: ArmComparison.Verdict, at time: UInt64)
        -> Withdrawal
    {
        let doublings = min(records[place].withdrawals, 20)
        let probation = min(Self.probation << UInt64(doublings), Self.longestProbation)
        records[place].withdrawnUntil = time + probation
        records[place].withdrawals = min(records[place].withdrawals + 1, .max - 1)
        return Withdrawal(actuator: Self.order[place], verdict: verdict, probation: probation)
    }

    /// The one whose probation is over; one at a time, so that the next comparison is of that one.
    private mutating func readmit(at time: UInt64) -> Actuator? {
        let place = records.firstIndex { $0.withdrawnUntil.map { $0 <= time } ?? false }
        guard let place else { return nil }
        records[place].withdrawnUntil = nil
        restart(at: time)
        return Self.order[place]
    }

    private mutating func restart(at time: UInt64) {
        comparison = ArmComparison()
        used = []
        since = time
    }
}
