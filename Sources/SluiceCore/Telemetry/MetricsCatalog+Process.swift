import SluiceMetrics

// The families that speak of the whole process, its event loops and its memory.

extension MetricsCatalog {
    /// Event loops and the memory that they share.
    static let workers: [Entry] = [
        Entry(.gauge, "sluice_workers", help: "Event loops.") { snapshot, samples in
            samples.add(snapshot.workers.count)
        },
        Entry(
            .gauge,
            "sluice_max_connections",
            help: "Ceiling on all client connections at one time: as configured, or for want of descriptors."
        ) { snapshot, samples in
            samples.add(snapshot.maxConnections)
        },
        // Over all workers a loop that is stuck would drown among the others: this one is kept apart by worker.
        Entry(
            .histogram,
            "sluice_loop_lag_seconds",
            labels: ["worker"],
            help: "How late the event loop's timer fired: what a connection may wait for its turn."
        ) { snapshot, samples in
            for (index, worker) in snapshot.workers.enumerated() {
                samples.add(worker.loopLagSeconds, String(index))
            }
        },
        Entry(
            .counter,
            "sluice_accept_paused_total",
            labels: ["reason"],
            help: "Times that accepting was suspended, by what was exhausted."
        ) { snapshot, samples in
            for pause in AcceptPause.allCases {
                samples.add(snapshot.total(\.acceptPauses[pause.index]), pause.rawValue)
            }
        },
        Entry(
            .counter,
            "sluice_memory_pressure_total",
            labels: ["step"],
            help: "Times that something gave way as the memory ceiling came near, by what it was."
        ) { snapshot, samples in
            for (index, step) in MemoryPressure.allCases.enumerated() {
                samples.add(snapshot.workers.reduce(0) { $0 + $1.memoryPressure[index] }, step.rawValue)
            }
        },
        Entry(
            .counter,
            "sluice_buffer_waits_total",
            help: "Times that a connection had to wait for a relay buffer at the memory ceiling."
        ) { snapshot, samples in
            samples.add(snapshot.total(\.bufferWaits))
        },
        Entry(
            .gauge,
            "sluice_pool_bytes",
            help: "Relay buffer bytes that the loops' pools have from the system, in use or kept for reuse."
        ) { snapshot, samples in
            samples.add(snapshot.total(\.poolBytes))
        },
        Entry(
            .gauge,
            "sluice_memory_in_use_bytes",
            help: "Relay buffer bytes that count against the memory ceiling now."
        ) { snapshot, samples in
            samples.add(snapshot.memoryInUse)
        },
        Entry(
            .gauge,
            "sluice_memory_ceiling_bytes",
            help: "Ceiling on relay buffer bytes over all workers."
        ) { snapshot, samples in
            samples.add(snapshot.memoryCeiling)
        },
    ]

    /// What runs, since when, and what the kernel says of it.
    static let process: [Entry] = [
        Entry(
            .counter,
            "sluice_log_lines_dropped_total",
            help: "Log lines dropped because the log writer's queue was full."
        ) { snapshot, samples in
            samples.add(snapshot.droppedLogLines)
        },
        Entry(
            .gauge,
            "sluice_ready",
            help: "1 while the proxy wants new connections, 0 from the moment that a drain is announced."
        ) { snapshot, samples in
            samples.add(snapshot.isReady ? 1 : 0)
        },
        Entry(
            .counter,
            "sluice_reloads_total",
            labels: ["result"],
            help: "Reloads of the configuration, by what became of them."
        ) { snapshot, samples in
            samples.add(snapshot.configuration.appliedReloads, "applied")
            samples.add(snapshot.configuration.refusedReloads, "refused")
        },
        Entry(
            .gauge,
            "sluice_configuration_refused",
            help: "1 from a reload that was refused until one is applied, 0 otherwise."
        ) { snapshot, samples in
            samples.add(snapshot.configuration.isLastReloadRefused ? 1 : 0)
        },
        Entry(
            .gauge,
            "sluice_configuration_generation",
            help:
                "Configurations that have held so far: 1 from the start, one more with every applied reload."
        ) { snapshot, samples in
            samples.add(snapshot.configuration.generation)
        },
        Entry(
            .gauge,
            "sluice_configuration_time_seconds",
            help: "When the present configuration was applied, since the Unix epoch."
        ) { snapshot, samples in
            samples.add(snapshot.configuration.appliedAt)
        },
        Entry(
            .gauge,
            "sluice_start_time_seconds",
            help: "When the proxy started, since the Unix epoch."
        ) { snapshot, samples in
            samples.add(snapshot.startTime)
        },
        Entry(
            .gauge,
            "sluice_build_info",
            labels: ["version", "libuv", "kernel"],
            help: "1; the labels name what runs."
        ) { _, samples in
            samples.add(1, SluiceVersion.sluice, SluiceVersion.libuv, SluiceVersion.kernel)
        },
        Entry(
            .counter,
            "process_cpu_seconds_total",
            help: "User and system CPU time, in seconds."
        ) { snapshot, samples in
            if let process = snapshot.process { samples.add(process.cpuSeconds) }
        },
        Entry(
            .gauge,
            "process_resident_memory_bytes",
            help: "Resident memory."
        ) { snapshot, samples in
            if let process = snapshot.process { samples.add(process.residentBytes) }
        },
        Entry(.gauge, "process_open_fds", help: "Open file descriptors.") { snapshot, samples in
            if let process = snapshot.process { samples.add(process.openDescriptors) }
        },
        Entry(
            .gauge,
            "process_max_fds",
            help: "Limit on open file descriptors."
        ) { snapshot, samples in
            if let process = snapshot.process { samples.add(process.maxDescriptors) }
        },
        Entry(
            .gauge,
            "process_start_time_seconds",
            help: "When the process started, since the Unix epoch."
        ) { snapshot, samples in
            if let process = snapshot.process { samples.add(process.startTime) }
        },
    ]
}
