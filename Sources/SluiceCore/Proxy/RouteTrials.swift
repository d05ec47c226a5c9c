import SluiceControl
import Synchronization

/// The trials of one route's actuators, a class each. Shared by all workers: the arms are compared over the whole process.
final class RouteTrials: Sendable {
    private let trials = Locked(FlowClass.allCases.map { _ in ActuatorTrial() })
    /// What `trials` allow, for those who only ask: indexed as `FlowClass.allCases`.
    private let allowed = FlowClass.allCases.map { _ in AllowedActuators() }

    private final class AllowedActuators: Sendable {
        let bits = Atomic<UInt8>(ActuatorSet.all.rawValue)
    }

    func allowed(for flowClass: FlowClass) -> ActuatorSet {
        ActuatorSet(rawValue: allowed[flowClass.index].bits.load(ordering: .relaxed))
    }

    func note(
        _ witness: ActuatorTrial.Witness,
        _ flowClass: FlowClass,
        at time: UInt64
    ) -> ActuatorTrial.Change? {
        trials.withLock { trials in
            let change = trials[flowClass.index].note(witness, at: time)
            if change != nil {
                let allowed = trials[flowClass.index].allowed.rawValue
                self.allowed[flowClass.index].bits.store(allowed, ordering: .relaxed)
            }
            return change
        }
    }
}
