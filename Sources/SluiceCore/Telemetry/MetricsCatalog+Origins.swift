import SluiceMetrics

// The families that have an `origin` label. Its values are the origins as the configuration names them: never what a
// name resolves to, so that their number stays what it is.

extension MetricsCatalog {
    static let origins: [Entry] = [
        perOrigin(
            .gauge,
            "sluice_origin_connections",
            help: "Connections to the origin now, or on their way to it."
        ) { $0.connections },
        perOrigin(
            .gauge,
            "sluice_origin_connections_limit",
            help: "Ceiling on the connections to the origin at one time, where it has one."
        ) { $0.connectionsLimit },
        perOrigin(.counter, "sluice_origin_connects_total", help: "Connections to the origin that were made.")
        {
            $0.connects
        },
        perOrigin(
            .counter,
            "sluice_origin_connect_failures_total",
            help: "Connect attempts to the origin that failed."
        ) { $0.connectFailures },
        perOrigin(
            .counter,
            "sluice_origin_ejections_total",
            help: "Times that the origin was left out for a while because it failed."
        ) { $0.ejections },
        perOrigin(
            .counter,
            "sluice_resolve_failures_total",
            help: "Questions for the origin's name that failed. Its last answer serves meanwhile."
        ) { $0.resolveFailures },
        Entry(
            .counter,
            "sluice_origin_checks_total",
            labels: ["route", "origin", "result"],
            help: "Health checks of the origin, by their result."
        ) { snapshot, samples in
            for origin in snapshot.origins {
                samples.add(origin.checksPassed, origin.route, origin.origin, "passed")
                samples.add(origin.checksFailed, origin.route, origin.origin, "failed")
            }
        },
        Entry(
            .gauge,
            "sluice_origin_state",
            labels: ["route", "origin", "state"],
            help: "1 for the state that the origin is in."
        ) { snapshot, samples in
            for origin in snapshot.origins {
                for state in OriginSnapshot.State.allCases {
                    samples.add(origin.state == state ? 1 : 0, origin.route, origin.origin, state.rawValue)
                }
            }
        },
        Entry(
            .gauge,
            "sluice_origin_round_trip_seconds",
            labels: ["route", "origin"],
            help: "Estimated round-trip time to the origin, as least_rtt compares it."
        ) { snapshot, samples in
            for origin in snapshot.origins {
                if let seconds = origin.roundTripSeconds { samples.add(seconds, origin.route, origin.origin) }
            }
        },
        perOrigin(
            .gauge,
            "sluice_warm_connections",
            help: "Connections to the origin that were made ahead of demand and wait to be used."
        ) { $0.warm?.ready },
        perOrigin(
            .counter,
            "sluice_warm_connections_opened_total",
            help: "Connections to the origin that were made ahead of demand."
        ) { $0.warm?.opened },
        Entry(
            .counter,
            "sluice_warm_connections_discarded_total",
            labels: ["route", "origin", "reason"],
            help: "Connections made ahead of demand that were closed unused, by why."
        ) { snapshot, samples in
            for origin in snapshot.origins {
                for (reason, count) in zip(WarmDiscard.allCases, origin.warm?.discards ?? []) {
                    samples.add(count, origin.route, origin.origin, reason.rawValue)
                }
            }
        },
        Entry(
            .counter,
            "sluice_warm_pool_takes_total",
            labels: ["route", "origin", "result"],
            help: "Connections to the origin that found one made ahead of demand, or found none."
        ) { snapshot, samples in
            for origin in snapshot.origins {
                guard let warm = origin.warm else { continue }
                samples.add(warm.hits, origin.route, origin.origin, "hit")
                samples.add(warm.misses, origin.route, origin.origin, "miss")
            }
        },
    ]

    /// - Parameter figure: `nil` leaves the origin out.
    private static func perOrigin<Figure: BinaryInteger & Sendable>(
        _ kind: MetricFamily.Kind,
        _ name: String,
        help: String,
        figure: @escaping @Sendable (OriginSnapshot) -> Figure?
    ) -> Entry {
        Entry(kind, name, labels: ["route", "origin"], help: help) { snapshot, samples in
            for origin in snapshot.origins {
                if let figure = figure(origin) { samples.add(figure, origin.route, origin.origin) }
            }
        }
    }
}
