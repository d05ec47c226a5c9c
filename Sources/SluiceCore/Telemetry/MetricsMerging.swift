// Adds up what several event loops counted for the same thing: a scrape shows the process, not its loops.

extension RouteMetrics {
    /// Adds what another loop counted for the same route.
    public mutating func merge(_ other: RouteMetrics) {
        opened += other.opened
        closed.add(other.closed)
        live += other.live
        queued += other.queued
        pausedListeners.add(other.pausedListeners)
        relayedBytes.add(other.relayedBytes)
        retransmittedBytes.add(other.retransmittedBytes)
        for actuator in decisions.indices { decisions[actuator].add(other.decisions[actuator]) }
        socketOptionFailures += other.socketOptionFailures
        connectFailures += other.connectFailures
        pacedReads += other.pacedReads
        proxyHeaders.add(other.proxyHeaders)
        heldBytes.add(other.heldBytes)
        unsentBytes.add(other.unsentBytes)
        connectSeconds.merge(other.connectSeconds)
        queueSeconds.merge(other.queueSeconds)
        firstByteSeconds.merge(other.firstByteSeconds)
        lifetimeSeconds.merge(other.lifetimeSeconds)
        for arm in arms.indices { arms[arm].merge(other.arms[arm]) }
        for flowClass in withdrawals.indices {
            withdrawals[flowClass].add(other.withdrawals[flowClass])
            readmissions[flowClass].add(other.readmissions[flowClass])
        }
        for leg in roundTripSeconds.indices { roundTripSeconds[leg].merge(other.roundTripSeconds[leg]) }
    }
}

extension Array where Element: AdditiveArithmetic {
    /// Adds element by element. Both have the same length.
    fileprivate mutating func add(_ other: [Element]) {
        precondition(count == other.count, "arrays of one length add up")
        for index in indices { self[index] += other[index] }
    }
}
