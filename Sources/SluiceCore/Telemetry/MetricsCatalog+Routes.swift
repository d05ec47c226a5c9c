import SluiceControl
import SluiceMetrics

// The families that have a `route` label.

extension MetricsCatalog {
    /// How connections come, live and end.
    static let connections: [Entry] = [
        perRoute(.counter, "sluice_connections_opened_total", help: "Client connections accepted.") {
            $0.opened
        },
        perRoute(
            .counter,
            "sluice_connections_closed_total",
            by: CloseReason.self,
            as: "reason",
            help: "Client connections closed, by what ended them."
        ) { $0.closed },
        perRoute(.gauge, "sluice_connections", help: "Client connections open now.") { $0.live },
        Entry(
            .gauge,
            "sluice_connections_limit",
            labels: ["route"],
            help: "Ceiling on the route's client connections at one time, where it has one."
        ) { snapshot, samples in
            for route in snapshot.routes {
                if let limit = route.connectionsLimit { samples.add(limit, route.name) }
            }
        },
        perRoute(
            .gauge,
            "sluice_accepting_paused",
            by: AcceptPause.self,
            as: "reason",
            help: "Listeners that let clients wait in the kernel's queue now, by why."
        ) { $0.pausedListeners },
        perRoute(
            .counter,
            "sluice_proxy_headers_total",
            by: ProxyHeaderResult.self,
            as: "result",
            help: "PROXY protocol headers that were awaited of clients, by what came."
        ) { $0.proxyHeaders },
        perRoute(
            .gauge,
            "sluice_queued_connections",
            help: "Client connections that wait for a place on an origin now."
        ) { $0.queued },
        histogramPerRoute(
            "sluice_queue_seconds",
            help: "Time that a connection waited for a place on an origin, if it waited and got one."
        ) { $0.queueSeconds },
        histogramPerRoute(
            "sluice_connect_seconds",
            help: "Time from the first connect attempt to an established connection to the origin."
        ) { $0.connectSeconds },
        perRoute(
            .counter,
            "sluice_connect_failures_total",
            help: "Connect attempts to the origin that failed."
        ) { $0.connectFailures },
        histogramPerRoute(
            "sluice_first_byte_seconds",
            help: "Time from accept to the first byte written to the client."
        ) { $0.firstByteSeconds },
        histogramPerRoute("sluice_connection_lifetime_seconds", help: "Time from accept to close.") {
            $0.lifetimeSeconds
        },
    ]

    /// What passes, and where it waits.
    static let traffic: [Entry] = [
        perRoute(
            .counter,
            "sluice_relayed_bytes_total",
            by: Direction.self,
            as: "direction",
            help: "Bytes written to the far side."
        ) { $0.relayedBytes },
        perRoute(
            .counter,
            "sluice_paced_reads_total",
            help: "Times that a direction waited before it read because of a bandwidth limit."
        ) { $0.pacedReads },
        perRoute(
            .gauge,
            "sluice_buffer_bytes",
            by: Direction.self,
            as: "direction",
            help: "Relay buffer bytes in user space that connections hold now."
        ) { $0.heldBytes },
        perRoute(
            .gauge,
            "sluice_unsent_bytes",
            by: Leg.self,
            as: "leg",
            help: "Bytes in the kernel's send buffers not sent yet, at the last sample of each connection."
        ) { $0.unsentBytes },
        perRoute(
            .counter,
            "sluice_retransmitted_bytes_total",
            by: Leg.self,
            as: "leg",
            help: "Bytes that the kernel sent again."
        ) { $0.retransmittedBytes },
        histogramPerRoute(
            "sluice_round_trip_seconds",
            by: Leg.self,
            as: "leg",
            help: "Smoothed TCP round-trip time, at each sample of each connection."
        ) { $0.roundTripSeconds },
    ]

    /// What the controller does.
    static let adaptation: [Entry] = [
        Entry(
            .counter,
            "sluice_decisions_total",
            labels: ["route", "actuator", "reason"],
            help: "Decisions of the controller that changed a setting, by setting and by reason."
        ) { snapshot, samples in
            for route in snapshot.routes {
                for (actuator, counts) in zip(Actuator.allCases, route.metrics.decisions) {
                    for (reason, count) in zip(Reason.allCases, counts) {
                        samples.add(count, route.name, actuator.rawValue, reason.rawValue)
                    }
                }
            }
        },
        perRoute(
            .counter,
            "sluice_socket_option_failures_total",
            help: "Best-effort socket options that the kernel refused."
        ) { $0.socketOptionFailures },
        Entry(
            .gauge,
            "sluice_actuator_available",
            labels: ["actuator"],
            help: "1 where the running kernel lets Sluice set this, 0 where it does not: tried at the start."
        ) { snapshot, samples in
            for actuator in Actuator.allCases {
                let isAvailable = snapshot.availableActuators.contains(ActuatorSet(actuator))
                samples.add(isAvailable ? 1 : 0, actuator.rawValue)
            }
        },
    ]

    /// A number for each route.
    private static func perRoute(
        _ kind: MetricFamily.Kind,
        _ name: String,
        help: String,
        figure: @escaping @Sendable (RouteMetrics) -> some BinaryInteger & Sendable
    ) -> Entry {
        Entry(kind, name, labels: ["route"], help: help) { snapshot, samples in
            for route in snapshot.routes { samples.add(figure(route.metrics), route.name) }
        }
    }

    /// A number for each route and each case: `figures` are indexed as `Case.allCases`.
    private static func perRoute<Case: CaseIterable & RawRepresentable<String>>(
        _ kind: MetricFamily.Kind,
        _ name: String,
        by cases: Case.Type,
        as label: String,
        help: String,
        figures: @escaping @Sendable (RouteMetrics) -> [some BinaryInteger & Sendable]
    ) -> Entry where Case: SendableMetatype {
        Entry(kind, name, labels: ["route", label], help: help) { snapshot, samples in
            for route in snapshot.routes {
                for (value, figure) in zip(Case.allCases, figures(route.metrics)) {
                    samples.add(figure, route.name, value.rawValue)
                }
            }
        }
    }

    /// A histogram for each route.
    private static func histogramPerRoute(
        _ name: String,
        help: String,
        figure: @escaping @Sendable (RouteMetrics) -> Histogram
    ) -> Entry {
        Entry(.histogram, name, labels: ["route"], help: help) { snapshot, samples in
            for route in snapshot.routes { samples.add(figure(route.metrics), route.name) }
        }
    }

    /// A histogram for each route and each case: `figures` are indexed as `Case.allCases`.
    private static func histogramPerRoute<Case: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        by cases: Case.Type,
        as label: String,
        help: String,
        figures: @escaping @Sendable (RouteMetrics) -> [Histogram]
    ) -> Entry where Case: SendableMetatype {
        Entry(.histogram, name, labels: ["route", label], help: help) { snapshot, samples in
            for route in snapshot.routes {
                for (value, histogram) in zip(Case.allCases, figures(route.metrics)) {
                    samples.add(histogram, route.name, value.rawValue)
                }
            }
        }
    }
}
