import SluiceControl
import SluiceCore
import Synchronization

/// A proxy that shows what a test wants shown.
final class FakeProxy: ProxyInspection {
    let routeNames = ["db", "llm"]
    let connectionLimits = ["db": 100]
    let maxConnections = 1000
    let startTime: Double = 1_700_000_000
    let droppedLogLines: UInt64 = 0
    let configurationStatus = ConfigurationStatus()
    let memoryInUse = 1024
    let memoryCeiling = 4096
    let availableActuators = ActuatorSet.all
    let origins = [
        OriginSnapshot(
            route: "db",
            origin: "192.0.2.2:5432",
            state: .available,
            connections: 2,
            connects: 5,
            connectFailures: 1,
            ejections: 0,
            checksPassed: 0,
            checksFailed: 0,
            roundTripSeconds: nil
        )
    ]
    private let ready = Mutex(true)

    var isReady: Bool { ready.withLock { $0 } }

    func beginDrain() { ready.withLock { $0 = false } }

    func metrics() async -> [WorkerMetrics] {
        var worker = WorkerMetrics(routeNames: routeNames)
        worker.routes[0].opened = 17
        return [worker]
    }

    func connections() async -> [ConnectionSnapshot] {
        [connection(3, route: "llm"), connection(1, route: "db"), connection(2, route: "llm")]
    }

    func connection(_ id: UInt64) async -> ConnectionSnapshot? {
        guard id == 2 else { return nil }
        var found = connection(2, route: "llm")
        var decision = Decision(reason: .queueBuilding, ringBytes: 65_536, notSentLowat: 131_072)
        decision.pacingRate = 6_000_000
        var path = PathEstimate()
        path.smoothedRTT = 45_000
        path.minimumRTT = 20_000
        path.bandwidth = 6_250_000
        var evidence = Evidence(interval: 100_000)
        evidence.busyShare = 1
        evidence.acknowledged = 625_000
        evidence.retransmitted = 1250
        found.takenAt = 10_000_000
        found.arm = .adaptive
        found.decisions = [
            DecisionRecord(
                time: 7_500_000,
                direction: .downstream,
                decision: decision,
                changed: [.pacing, .ring],
                path: path,
                evidence: evidence
            )
        ]
        return found
    }

    private func connection(_ id: UInt64, route: String) -> ConnectionSnapshot {
        var upstream = DirectionSnapshot()
        upstream.relayedBytes = 10 * id
        var downstream = DirectionSnapshot()
        downstream.roundTripSeconds = 0.25
        downstream.minimumRoundTripSeconds = 0.125
        downstream.throughput = 1000
        downstream.bandwidth = 2000
        downstream.bandwidthDelayProduct = 500
        downstream.ringTargetBytes = 65536
        downstream.heldBytes = 7
        downstream.notSentLowat = 16384
        downstream.pacingRate = 1_000_000
        downstream.sendBuffer = 262_144
        downstream.sourceWindow = 65_536
        downstream.congestionControl = "cubic"
        downstream.unsentBytes = 8
        downstream.retransmittedBytes = 9
        downstream.reason = .receiverLimited
        var connection = ConnectionSnapshot(
            id: id,
            worker: 1,
            route: route,
            flowClass: .llm,
            classSource: "port",
            client: "192.0.2.1:5000",
            origin: "192.0.2.2:11434",
            state: "open",
            ageSeconds: 1.5,
            idleSeconds: 0.5,
            upstream: upstream,
            downstream: downstream
        )
        connection.chosenOrigin = "\(route).internal:5432"
        return connection
    }
}
