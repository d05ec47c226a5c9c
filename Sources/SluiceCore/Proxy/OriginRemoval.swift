/// The origins that one reload has taken out of their routes, and which connections to them one worker ends when: over the drain's
/// window, evenly spread, those that are silent; at its deadline the rest.
///
/// It chooses, and the worker ends them. Thread: its loop's.
struct OriginRemoval {
    private let records: [OriginRecord]
    private let identities: Set<ObjectIdentifier>
    private var schedule: DrainSchedule

    /// `nil`: none is gone, or the connections are to live on. `now` is the loop's time.
    init?(from before: [Route], to after: [Route], _ configuration: DrainConfiguration, now: UInt64) {
        guard configuration.removedOrigins == .close else { return nil }
        let staying = Set(after.flatMap(\.origins).map { ObjectIdentifier($0.record) })
        records = before.flatMap(\.origins).map(\.record).filter { !staying.contains(ObjectIdentifier($0)) }
        guard !records.isEmpty else { return nil }
        identities = Set(records.map { ObjectIdentifier($0) })
        schedule = DrainSchedule(configuration, now: now)
    }

    /// No connection to them is left, nor one on its way there, on any worker.
    var isOver: Bool { records.allSatisfy { $0.places.count == 0 } }

    /// Of all connections, those to end now.
    mutating func due(among connections: [Connection], now: UInt64) -> [Connection] {
        // Looking at all of them takes time that others wait for.
        guard !schedule.isWaiting(at: now), !isOver else { return [] }
        let open = connections.filter { connection in
            connection.chosenOrigin.map { identities.contains(ObjectIdentifier($0.record)) } ?? false
        }
        guard !hasPassed(at: now) else { return open }
        let count = schedule.due(now: now, open: open.count)
        return Array(open.lazy.filter { $0.isSilent(at: now) }.prefix(count))
    }

    /// Whether whoever is left is ended, whatever it does.
    func hasPassed(at now: UInt64) -> Bool { now >= schedule.deadline }
}
