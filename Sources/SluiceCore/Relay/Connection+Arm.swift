// How a connection serves the comparison of the two arms: see `ArmComparison`.

import SluiceControl
import SluiceMetrics

extension Connection {
    /// Whether controllers set anything on its sockets.
    var isAdaptive: Bool { route.configuration.policy == .adaptive && sensing.arm == .adaptive }

    /// The policy of its controllers: the route's, unless it is held back.
    var policy: Policy { sensing.arm == .kernel ? .kernel : route.configuration.policy }

    /// Counts one sample for the connection's arm.
    func noteArm(movedBytes: UInt64, client: LegSample?, origin: LegSample?, at time: UInt64) {
        guard let record = sensing.record, route.configuration.policy == .adaptive else { return }
        let active = record.noteSample(movedBytes: movedBytes, at: time)
        guard active > 0 else { return }
        let place = ArmMetrics.index(sensing.flowClass, sensing.arm)
        context.metrics.routes[route.index].arms[place].bytes &+= movedBytes
        context.metrics.routes[route.index].arms[place].activeMicroseconds &+= active
        noteInflation(client, peer: peerAddress, record, place)
        if let originAddress { noteInflation(origin, peer: originAddress, record, place) }
        score(record, isOver: false, at: time)
    }

    private func noteInflation(_ sample: LegSample?, peer: SocketAddress, _ record: FlowRecord, _ place: Int)
    {
        // On this host a round trip is as long as the scheduler likes.
        guard let sample, sample.minimumRTT > 0, !peer.isLoopback else { return }
        let inflation = Double(sample.rtt) / Double(sample.minimumRTT)
        record.noteInflation(inflation)
        context.metrics.routes[route.index].arms[place].inflation.record(inflation)
    }

    func noteArmEnd() {
        guard let record = sensing.record, route.configuration.policy == .adaptive else { return }
        score(record, isOver: true, at: MonotonicClock.microseconds)
    }

    private func score(_ record: FlowRecord, isOver: Bool, at time: UInt64) {
        guard let score = record.takeScore(isOver: isOver) else { return }
        let flowClass = sensing.flowClass
        guard
            let change = route.trials.note(
                ActuatorTrial.Witness(
                    score: score,
                    arm: sensing.arm,
                    group: Holdback.group(of: id, from: peerAddress, acceptedAt: acceptedAt),
                    used: record.used,
                    began: acceptedAt
                ),
                flowClass,
                at: time
            )
        else { return }
        switch change {
        case .withdrawn(let withdrawal):
            let actuator = withdrawal.actuator.index
            context.metrics.routes[route.index].withdrawals[flowClass.index][actuator] += 1
        case .readmitted(let actuator):
            context.metrics.routes[route.index].readmissions[flowClass.index][actuator.index] += 1
        }
        context.owner.actuatorChanged(self, change)
    }
}
