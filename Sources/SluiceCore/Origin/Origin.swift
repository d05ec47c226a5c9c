/// One origin of a route, as one configuration names it. How it stands is in its `record`, which outlives a reload.
///
/// Times are milliseconds of the loops' monotonic clock.
final class Origin: Sendable {
    /// Position in its route's list.
    let index: Int
    let configuration: OriginConfiguration
    /// As it stands in the configuration: the `origin` label.
    let name: String
    let target: DialTarget
    let record: OriginRecord
    /// `nil`: none are connected ahead of demand.
    let warm: WarmPool?
    /// `nil`: it is never ejected.
    private let rules: EjectionState.Rules?

    init(
        index: Int,
        configuration: OriginConfiguration,
        rules: EjectionState.Rules?,
        record: OriginRecord = OriginRecord(),
        warm: WarmPool? = nil
    ) {
        self.index = index
        self.configuration = configuration
        name = configuration.address.description
        target = DialTarget(configuration.address)
        self.rules = rules
        self.record = record
        self.warm = warm
    }

    /// Connections that it may have at one time, warm ones among them.
    var ceiling: Int { configuration.maxConnections ?? .max }
    /// Whether there is a place for one more connection. A warm one has a place already.
    var hasRoom: Bool { record.places.count < ceiling || warm.map { $0.readyCount > 0 } ?? false }
    /// Connections that somebody uses, or that are on their way to it.
    var connections: Int { max(0, record.places.count - (warm?.readyCount ?? 0)) }

    /// Takes a place for one connection, which `RelayContext.release` gives back. False when there is none.
    func take() -> Bool { record.places.take(below: ceiling) }

    /// Whether nothing speaks against it but a drain.
    func isHealthy(at now: UInt64) -> Bool { record.passesChecks && ejectedFor(at: now) == 0 }

    /// Milliseconds until it is back; 0 when it is not ejected.
    func ejectedFor(at now: UInt64) -> UInt64 {
        // An ejection that began before a reload ends with it, where there is none any more.
        guard rules != nil, record.ejectedUntil > now else { return 0 }
        return record.ejectedUntil - now
    }

    /// A connection could not be made, or was reset by it before a byte went either way. Returns whether that ejected the origin.
    func noteFailure(at now: UInt64) -> Bool { record.noteFailure(at: now, by: rules) }

    func snapshot(route: String, at now: UInt64) -> OriginSnapshot {
        let state: OriginSnapshot.State =
            record.isDrained
            ? .drained : !record.passesChecks ? .unhealthy : ejectedFor(at: now) > 0 ? .ejected : .available
        return OriginSnapshot(
            route: route,
            origin: name,
            state: state,
            connections: record.places.count,
            connectionsLimit: configuration.maxConnections,
            connects: record.connects,
            connectFailures: record.connectFailures,
            ejections: record.ejections,
            resolveFailures: record.resolveFailures,
            checksPassed: record.checksPassed,
            checksFailed: record.checksFailed,
            roundTripSeconds: record.roundTripMicroseconds == 0
                ? nil : Double(record.roundTripMicroseconds) / 1e6,
            warm: warm.map { warm in
                OriginSnapshot.Warm(
                    ready: warm.readyCount,
                    opened: record.warm.opened,
                    hits: record.warm.hits,
                    misses: record.warm.misses,
                    discards: record.warm.discards
                )
            }
        )
    }
}
