// What a connection shows of itself to the metrics and to `/connections`.

import SluiceControl

extension Connection {
    /// Adds this connection to its route's gauges, and what it relayed to the counters.
    func addGauges(to metrics: inout RouteMetrics) {
        metrics.live += 1
        if isQueued { metrics.queued += 1 }
        metrics.unsentBytes[Leg.client.index] += Int(sensing.client.unsentBytes)
        metrics.unsentBytes[Leg.origin.index] += Int(sensing.origin.unsentBytes)
        guard let upstream, let downstream else { return }
        metrics.heldBytes[Direction.upstream.index] += upstream.heldBytes
        metrics.heldBytes[Direction.downstream.index] += downstream.heldBytes
        guard sensing.record != nil, route.configuration.policy == .adaptive else { return }
        let place = ArmMetrics.index(sensing.flowClass, sensing.arm)
        metrics.arms[place].connections += 1
        metrics.arms[place].heldBytes += upstream.heldBytes + downstream.heldBytes + kernelBytes
    }

    /// Kernel memory of both sockets.
    private var kernelBytes: Int {
        SocketOptions.memoryInUse(by: client?.descriptor ?? -1)
            + SocketOptions.memoryInUse(by: origin?.descriptor ?? -1)
    }

    func snapshot(worker: Int) -> ConnectionSnapshot {
        let now = context.loop.now
        var snapshot = ConnectionSnapshot(
            id: id,
            worker: worker,
            route: route.name,
            flowClass: sensing.flowClass,
            classSource: sensing.classSource.rawValue,
            client: clientAddress.description,
            origin: originText,
            state: stateName,
            ageSeconds: Double(MonotonicClock.microseconds &- acceptedAt) / 1e6,
            idleSeconds: Double(now &- lastActivity) / 1000,
            upstream: directionSnapshot(upstream),
            downstream: directionSnapshot(downstream)
        )
        snapshot.chosenOrigin = chosenOrigin?.name
        snapshot.takenAt = MonotonicClock.microseconds
        if route.configuration.policy == .adaptive { snapshot.arm = sensing.arm }
        return snapshot
    }

    /// The same with what the connection has gone through.
    func detailedSnapshot(worker: Int) -> ConnectionSnapshot {
        var snapshot = snapshot(worker: worker)
        snapshot.decisions = sensing.record?.decisions ?? []
        return snapshot
    }

    /// The address that it is connected to or tried last; before that, what the route says of it.
    var originText: String { originAddress?.description ?? route.originName }

    private var stateName: String {
        switch phase {
        case .connecting: isQueued ? "queued" : "connecting"
        case .relaying: isHalfClosed ? "half_closed" : "open"
        case .lingering, .ended: "closing"
        }
    }

    private func directionSnapshot(_ half: HalfRelay?) -> DirectionSnapshot {
        guard let half else { return DirectionSnapshot() }
        let totals = sensing[half.sink.leg]
        let estimate = half.controller.estimate
        var shown = DirectionSnapshot()
        shown.relayedBytes = half.relayedBytes
        shown.roundTripSeconds = estimate.smoothedRTT.map { Double($0) / 1e6 }
        shown.minimumRoundTripSeconds = estimate.minimumRTT.map { Double($0) / 1e6 }
        shown.throughput = estimate.throughput
        shown.bandwidth = estimate.bandwidth
        shown.bandwidthDelayProduct = estimate.bandwidthDelayProduct
        shown.ringTargetBytes = half.controller.ringTarget
        shown.heldBytes = half.heldBytes
        shown.notSentLowat = Self.shown(half.sink.actuator.notSentLowat)
        shown.pacingRate = Self.shown(half.sink.actuator.pacingRate)
        shown.sendBuffer = Self.shown(half.sink.actuator.heldSendBuffer)
        shown.sourceWindow = Self.shown(half.source.actuator.sourceWindow)
        shown.congestionControl = CongestionControl.current(of: half.sink.descriptor)?.name
        shown.unsentBytes = Int(totals.unsentBytes)
        shown.retransmittedBytes = totals.retransmittedBytes
        shown.reason = half.controller.lastReason
        return shown
    }

    /// What was never set is shown as nothing.
    private static func shown(_ setting: UInt32) -> Int? { setting == 0 ? nil : Int(setting) }
}
