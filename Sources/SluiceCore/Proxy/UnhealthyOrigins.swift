/// The origins whose connections are not to outlive their health, and what one worker knows of each.
///
/// It tells which have turned unhealthy, and the worker ends their connections. Thread: its loop's.
struct UnhealthyOrigins {
    private struct Watched {
        let record: OriginRecord
        /// Of `OriginRecord.unhealthyTurns`, those that the worker has acted on.
        var turns: UInt64
    }

    private var watched: [Watched] = []

    /// From now on the origins of `routes` are watched, as far as these want it. One that has turned unhealthy before is left alone.
    mutating func watch(_ routes: [Route]) {
        let before = watched
        let origins = routes.filter { $0.configuration.health?.onUnhealthy == .close }.flatMap(\.origins)
        watched = origins.map { origin in
            before.first { $0.record === origin.record }
                ?? Watched(record: origin.record, turns: origin.record.unhealthyTurns)
        }
    }

    /// The records of those that have turned unhealthy since this was asked last.
    mutating func turned() -> Set<ObjectIdentifier> {
        var turned: Set<ObjectIdentifier> = []
        for index in watched.indices {
            let turns = watched[index].record.unhealthyTurns
            guard turns != watched[index].turns else { continue }
            watched[index].turns = turns
            turned.insert(ObjectIdentifier(watched[index].record))
        }
        return turned
    }
}
