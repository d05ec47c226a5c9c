import SluiceControl

@testable import SluiceCore

extension RouteMetrics {
    /// Something in every field; `scale` multiplies all counts.
    static func populated(scale: Int = 1) -> RouteMetrics {
        var metrics = RouteMetrics()
        func counts(_ count: Int) -> [UInt64] { (1...count).map { UInt64($0 * scale) } }
        metrics.opened = UInt64(7 * scale)
        metrics.closed = counts(CloseReason.allCases.count)
        metrics.live = 3 * scale
        metrics.queued = 2 * scale
        metrics.pausedListeners = [3 * scale, 0, scale]
        metrics.relayedBytes = counts(Direction.allCases.count)
        metrics.retransmittedBytes = counts(Leg.allCases.count)
        metrics.decisions = Actuator.allCases.map { _ in counts(Reason.allCases.count) }
        metrics.socketOptionFailures = UInt64(scale)
        metrics.connectFailures = UInt64(2 * scale)
        metrics.pacedReads = UInt64(4 * scale)
        metrics.proxyHeaders = counts(ProxyHeaderResult.allCases.count)
        metrics.heldBytes = [1024 * scale, 2048 * scale]
        metrics.unsentBytes = [512 * scale, 256 * scale]
        metrics.withdrawals = FlowClass.allCases.map { _ in counts(Actuator.allCases.count) }
        metrics.readmissions = metrics.withdrawals
        for arm in metrics.arms.indices {
            metrics.arms[arm].bytes = UInt64((arm + 1) * scale)
            metrics.arms[arm].activeMicroseconds = UInt64(500_000 * scale)
            metrics.arms[arm].retransmittedBytes = UInt64(arm * scale)
            metrics.arms[arm].connections = 2 * scale
            metrics.arms[arm].heldBytes = 64 * scale
            for _ in 0..<scale { metrics.arms[arm].inflation.record(1.4) }
        }
        for _ in 0..<scale {
            metrics.connectSeconds.record(0.25)
            metrics.queueSeconds.record(0.75)
            metrics.firstByteSeconds.record(0.5)
            metrics.lifetimeSeconds.record(64)
            for leg in metrics.roundTripSeconds.indices { metrics.roundTripSeconds[leg].record(0.125) }
        }
        return metrics
    }
}

extension WorkerMetrics {
    static func populated(routeNames: [String]) -> WorkerMetrics {
        var metrics = WorkerMetrics(routeNames: routeNames)
        metrics.routes = metrics.routes.map { _ in .populated() }
        metrics.loopLagSeconds.record(0.25)
        metrics.acceptPauses = [5, 6, 7]
        metrics.memoryPressure = [1, 2, 3]
        metrics.poolBytes = 4096
        metrics.bufferWaits = 8
        return metrics
    }
}

extension MetricsSnapshot {
    /// Two workers, with something in every field.
    static func populated(routeNames: [String] = ["db", "llm"]) -> MetricsSnapshot {
        let worker = WorkerMetrics.populated(routeNames: routeNames)
        var snapshot = MetricsSnapshot(routeNames: routeNames, workers: [worker, worker])
        snapshot.origins = routeNames.map { name in
            OriginSnapshot(
                route: name,
                origin: "127.0.0.1:5432",
                state: .ejected,
                connections: 3,
                connectionsLimit: 50,
                connects: 11,
                connectFailures: 4,
                ejections: 2,
                resolveFailures: 8,
                checksPassed: 12,
                checksFailed: 5,
                roundTripSeconds: 0.25,
                warm: .init(ready: 2, opened: 9, hits: 6, misses: 3, discards: [1, 2, 3, 4])
            )
        }
        snapshot.routes[0].connectionsLimit = 400
        snapshot.maxConnections = 10_000
        snapshot.isReady = true
        snapshot.configuration.generation = 3
        snapshot.configuration.appliedAt = 1_700_000_100
        snapshot.configuration.appliedReloads = 2
        snapshot.configuration.refusedReloads = 4
        snapshot.configuration.isLastReloadRefused = true
        snapshot.startTime = 1_700_000_000.5
        snapshot.droppedLogLines = 9
        snapshot.memoryInUse = 6144
        snapshot.memoryCeiling = 1 << 20
        snapshot.availableActuators = [.ring, .pacing]
        snapshot.process = ProcessStatistics(
            cpuSeconds: 1.5,
            residentBytes: 1 << 21,
            openDescriptors: 12,
            maxDescriptors: .infinity,
            startTime: 1_700_000_000
        )
        return snapshot
    }
}
