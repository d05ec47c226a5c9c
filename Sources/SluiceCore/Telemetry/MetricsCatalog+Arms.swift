import SluiceControl
import SluiceMetrics

// The families that show what adapting gains: the adaptive connections of each route and class beside those that are left to
// the kernel alone.

extension MetricsCatalog {
    static let arms: [Entry] = [
        perArm(
            .counter,
            "sluice_arm_bytes_total",
            help: "Bytes moved, both ways, by connections that moved some in two samples, or filled a read."
        ) { samples, arm, labels in samples.add(arm.bytes, labels[0], labels[1], labels[2]) },
        perArm(
            .counter,
            "sluice_arm_active_seconds_total",
            help: "Time in which those bytes moved, added up over the connections."
        ) { samples, arm, labels in
            samples.add(Double(arm.activeMicroseconds) / 1e6, labels[0], labels[1], labels[2])
        },
        perArm(
            .histogram,
            "sluice_arm_round_trip_inflation",
            help: "Smoothed over lowest TCP round-trip time, at each sample of a leg to another host."
        ) { samples, arm, labels in samples.add(arm.inflation, labels[0], labels[1], labels[2]) },
        perArm(
            .counter,
            "sluice_arm_retransmitted_bytes_total",
            help: "Bytes that the kernel sent again for those connections."
        ) { samples, arm, labels in samples.add(arm.retransmittedBytes, labels[0], labels[1], labels[2]) },
        perArm(
            .gauge,
            "sluice_arm_connections",
            help: "Such connections that there are now."
        ) { samples, arm, labels in samples.add(arm.connections, labels[0], labels[1], labels[2]) },
        perArm(
            .gauge,
            "sluice_arm_memory_bytes",
            help: "Relay buffers and kernel socket memory that those connections hold now."
        ) { samples, arm, labels in samples.add(arm.heldBytes, labels[0], labels[1], labels[2]) },
        perActuator(
            "sluice_actuator_withdrawals_total",
            help: "Actuators withdrawn from new decisions because the kernel's arm did better."
        ) { $0.withdrawals },
        perActuator(
            "sluice_actuator_readmissions_total",
            help: "Withdrawn actuators that are tried again."
        ) { $0.readmissions },
    ]

    private static func perArm(
        _ kind: MetricFamily.Kind,
        _ name: String,
        help: String,
        add: @escaping @Sendable (inout PrometheusText.Samples, ArmMetrics, [String]) -> Void
    ) -> Entry {
        Entry(kind, name, labels: ["route", "class", "arm"], help: help) { snapshot, samples in
            for route in snapshot.routes {
                for flowClass in FlowClass.allCases {
                    for arm in Arm.allCases {
                        let figures = route.metrics.arms[ArmMetrics.index(flowClass, arm)]
                        add(&samples, figures, [route.name, flowClass.rawValue, arm.rawValue])
                    }
                }
            }
        }
    }

    private static func perActuator(
        _ name: String,
        help: String,
        figures: @escaping @Sendable (RouteMetrics) -> [[UInt64]]
    ) -> Entry {
        Entry(.counter, name, labels: ["route", "class", "actuator"], help: help) { snapshot, samples in
            for route in snapshot.routes {
                for (flowClass, counts) in zip(FlowClass.allCases, figures(route.metrics)) {
                    for (actuator, count) in zip(Actuator.allCases, counts) where actuator != .ring {
                        samples.add(count, route.name, flowClass.rawValue, actuator.rawValue)
                    }
                }
            }
        }
    }
}
