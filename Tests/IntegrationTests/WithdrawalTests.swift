import Glibc
import Synchronization
import Testing

/// Sluice finds out by itself that one of its actuators does harm here, stops using it, and tries it again.
@Suite struct WithdrawalTests {
    private static let labels = ["route": "service", "class": "telemetry", "actuator": "notsent_lowat"]
    private static let start = ["route": "service", "actuator": "notsent_lowat", "reason": "startup"]
    /// The ones that have nothing to do with it: what is withdrawn is the most intrusive one that was used.
    private static let route = """
        class: telemetry
        holdback: 20%
        forbid: [pacing, send_buffer, source_window, congestion_control]
        """

    @Test(.needs(.gcc)) func `an actuator that does harm is withdrawn, and tried again`() throws {
        try withTemporaryDirectory { directory in
            let kernel = try HarmfulLimit(in: directory)
            let origin = try Listener()
            try withSluice(to: origin.endpoint, route: Self.route, launcher: kernel.launcher) { sluice in
                #expect(try starts(sluice, origin) > 0)

                let withdrawn = try waitFor(
                    "a withdrawal",
                    deadline: Deadline(after: Deadline.patience * 5)
                ) {
                    try carry(32, sluice, origin)
                    return sluice.log.contains("an actuator is withdrawn")
                        ? try sluice.waitForLog(
                            "an actuator is withdrawn: the connections left to the kernel do better"
                        ) : nil
                }
                #expect(
                    withdrawn.route?.string == "service" && withdrawn.member("class")?.string == "telemetry"
                )
                #expect(withdrawn.actuator?.string == "notsent_lowat")
                #expect(withdrawn.worse_in?.string == "goodput")
                #expect(withdrawn.again_after_seconds?.int == 600)
                #expect(try sluice.metrics().sum("sluice_actuator_withdrawals_total", Self.labels) == 1)
                #expect(try starts(sluice, origin) == 0)

                try kernel.jump(seconds: 300)
                try carryOne(sluice, origin)
                #expect(try starts(sluice, origin) == 0)

                try kernel.jump(seconds: 1200)
                try carryOne(sluice, origin)
                try sluice.waitForLog("an actuator is tried again")
                #expect(try sluice.metrics().sum("sluice_actuator_readmissions_total", Self.labels) == 1)
                #expect(try starts(sluice, origin) > 0)
            }
        }
    }

    /// How often the actuator is set at the start of new connections, of which most are adaptive. What a sample makes of it later is
    /// another matter.
    private func starts(_ sluice: SluiceProcess, _ origin: Listener) throws -> Double {
        func count() throws -> Double {
            let metrics = try sluice.metrics()
            // Not there before the first.
            return (try? metrics.sum("sluice_decisions_total", Self.start)) ?? 0
        }
        let before = try count()
        for _ in 0..<40 {
            let (client, server) = try sluice.connect(to: origin)
            try client.roundTrip(through: server)
        }
        return try count() - before
    }

    /// Streams on so many connections at a time, until each has come to something: a slow one takes several samples for as much, in
    /// which the others are sampled, too.
    private func carry(_ count: Int, _ sluice: SluiceProcess, _ origin: Listener) throws {
        let downloads = try (0..<count).map { _ in try Download(sluice.connect(to: origin)) }
        try waitUntil("every stream to flow") { downloads.allSatisfy { $0.receivedBytes > 3 << 19 } }
        for download in downloads { download.abort() }
        for download in downloads { try download.waitForEnd() }
    }

    /// Streams on one connection until it is counted for its arm, and ends it.
    private func carryOne(_ sluice: SluiceProcess, _ origin: Listener) throws {
        let before = try sluice.metrics().sum("sluice_arm_bytes_total")
        let download = try Download(sluice.connect(to: origin))
        try sluice.waitForMetric("sluice_arm_bytes_total") { $0 > before + 1e6 }
        download.abort()
        try download.waitForEnd()
        try waitUntil("its end") { try sluice.connections().isEmpty }
    }
}

/// A stream from an origin that offers four times what a harmed socket sends, until its client has had enough.
private final class Download: Sendable {
    private let progress = Progress()
    private let receiving: Background<Void>

    private final class Progress: Sendable {
        let received = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
    }

    init(_ ends: (client: Peer, server: Peer)) throws {
        try ends.server.set(SO_MAX_PACING_RATE, to: Int32(4 * HarmfulLimit.rate))
        let pattern = Pattern(seed: 9)
        _ = Background { try ends.server.send(pattern, 0..<1 << 40) }
        receiving = Background { [progress] in
            var received = 0
            while !progress.isOver.load(ordering: .relaxed) {
                try ends.client.receive(pattern, received..<received + 64 << 10)
                received += 64 << 10
                progress.received.store(received, ordering: .relaxed)
            }
            // What is under way would keep a slow connection for seconds.
            try ends.client.reset()
        }
    }

    var receivedBytes: Int { progress.received.load(ordering: .relaxed) }

    func abort() { progress.isOver.store(true, ordering: .relaxed) }

    func waitForEnd() throws { try receiving.value() }
}
