import Foundation
import SluiceRandom
import Synchronization
import Testing

/// Mixed real traffic with random faults, in rounds. After each, nothing of it may be left: no connection, no descriptor, no
/// memory. `make soak` runs it for half an hour, the tests for some seconds.
@Suite(.needs(.redisServer, .nginx, .postgres, .initdb)) struct SoakTests {
    private static let environment = ProcessInfo.processInfo.environment
    static let isLong = environment["SLUICE_SOAK_SECONDS"] != nil
    private static let seconds = environment["SLUICE_SOAK_SECONDS"].flatMap(Int.init) ?? 8
    private static let seed = environment["SLUICE_SOAK_SEED"].flatMap(UInt64.init) ?? 1
    private static let rounds = max(4, seconds / 30)
    /// A sanitizer's memory says nothing.
    private static let hasOwnMemory = environment["SLUICE_SANITIZER"] == nil

    @Test func `mixed traffic and random faults leave nothing behind`() throws {
        try SoakRoutes.with { routes in
            try withTemporaryDirectory { directory in
                let file = try directory.write(routes.configuration(generation: 0), to: "sluice.yaml")
                try withSluice(arguments: ["run", "--config", file]) { sluice in
                    try sluice.waitForLog("ready")
                    var generation = 0
                    try soak(sluice) {
                        // With one route more, and without it.
                        for _ in 0..<2 {
                            generation += 1
                            try directory.write(
                                routes.configuration(generation: generation),
                                to: "sluice.yaml"
                            )
                            sluice.signal(SIGHUP)
                            try sluice.waitForMetric("sluice_configuration_generation") {
                                $0 == Double(generation + 1)
                            }
                        }
                    }
                }
            }
        }
    }

    private func soak(_ sluice: SluiceProcess, reload: () throws -> Void) throws {
        let proxies = try Dictionary(
            uniqueKeysWithValues: SoakRoutes.names.map { ($0, try sluice.listener(of: $0)) }
        )
        // Some are opened at the first use, and kept.
        try reload()
        let descriptors = try OpenDescriptors.count(of: sluice.processIdentifier)
        var memory: [Double] = []
        var done: [String: Int] = [:]
        // All told from the beginning: what a round needs for its closing is not added to the whole.
        let ends = (1...Self.rounds).map {
            Deadline(after: .milliseconds(1000 * Self.seconds * $0 / Self.rounds))
        }
        for (round, end) in ends.enumerated() {
            try runRound(round, until: end, proxies, &done, reload)
            try sluice.waitForMetric("sluice_connections") { $0 == 0 }
            try expectNoMore(than: descriptors, sluice)
            let metrics = try sluice.metrics()
            #expect(try metrics.sum("sluice_buffer_bytes") == 0)
            memory.append(try metrics.sum("process_resident_memory_bytes"))
        }
        try report(done, memory, sluice.metrics())
        if Self.hasOwnMemory { expectFlat(memory) }
        try expectBoundedLag(sluice.metrics())
    }

    private func runRound(
        _ round: Int,
        until end: Deadline,
        _ proxies: [String: Endpoint],
        _ done: inout [String: Int],
        _ reload: () throws -> Void
    ) throws {
        let traffic = SoakTraffic(proxies: proxies, seed: Self.seed &+ UInt64(round))
        let sessions = traffic.sessions.map { name, clients, session in
            (name, Repeating(threads: clients) { try session($0 &* 1_000_000 &+ $1) })
        }
        let faults = SoakFaults(proxies: proxies)
        let troubles = Repeating(threads: 2) { thread, count in
            var generator = SplitMix64(seed: Self.seed &+ UInt64(round << 40 | thread << 32 | count))
            let kind = SoakFaults.Kind.allCases.randomElement(using: &generator)!
            do {
                try faults.cause(kind, &generator)
            } catch let error as SocketError where error.isReset {
                // It came earlier than it was looked for.
            }
        }
        repeat {
            try reload()
            usleep(500_000)  // how often it is reloaded decides nothing
        } while !end.hasPassed
        for (name, repeating) in sessions { done[name, default: 0] += try repeating.stop() }
        done["faults", default: 0] += try troubles.stop()
    }

    private func expectNoMore(than start: [String: Int], _ sluice: SluiceProcess) throws {
        // The dispatch library makes one for each clock when it is first asked for, and keeps it.
        let before = start.merging(["anon_inode:[timerfd]": 3], uniquingKeysWith: max)
        var now: [String: Int] = [:]
        try waitUntil("the descriptors of the start: \(before), now: \(now)") {
            now = try OpenDescriptors.count(of: sluice.processIdentifier)
            return now.allSatisfy { $0.value <= before[$0.key, default: 0] }
        }
    }

    private func report(_ done: [String: Int], _ memory: [Double], _ metrics: Metrics) throws {
        let counts = done.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let megabytes = memory.map { String(format: "%.1f", $0 / 1e6) }.joined(separator: " ")
        let relayed = try metrics.sum("sluice_relayed_bytes_total") / 1e9
        let reloads = try metrics.sum("sluice_reloads_total", ["result": "applied"])
        print(
            """
            soak: \(Self.seconds) s in \(Self.rounds) rounds, seed \(Self.seed): \(counts), \(Int(reloads)) reloads, \
            \(try Int(metrics.sum("sluice_connections_opened_total"))) connections, \(String(format: "%.1f", relayed)) GB
            soak: resident MB after each round: \(megabytes)
            soak: loop lag: \(try Self.lags(metrics).map { "\($0.share * 100) % within \($0.bound) s" }.joined(separator: ", "))
            """
        )
        for name in ["cache", "database", "web", "bulk", "faults"] {
            #expect(done[name, default: 0] > 0, "no \(name)")
        }
    }

    /// The second quarter of the rounds is warm; the last one must not be larger, but for what an allocator keeps.
    private func expectFlat(_ memory: [Double]) {
        let quarter = memory.count / 4
        let warm = memory[quarter..<2 * quarter].sorted()[quarter / 2]
        let last = memory.suffix(quarter).sorted()[quarter / 2]
        #expect(last <= warm * 1.05 + 8e6, "the memory grows: \(memory)")
    }

    /// 99 % of the ticks. What a machine takes from everybody is not Sluice's: the short form allows for much of it.
    private func expectBoundedLag(_ metrics: Metrics) throws {
        let bound = Self.isLong ? 0.1 : 1
        let share = try #require(Self.lags(metrics).first { $0.bound == bound }?.share)
        #expect(share >= 0.99, "the loops are late")
    }

    private static func lags(_ metrics: Metrics) throws -> [(bound: Double, share: Double)] {
        let all = try metrics.sum("sluice_loop_lag_seconds_count")
        return try ["0.01", "0.1", "1"].map {
            (Double($0)!, try metrics.sum("sluice_loop_lag_seconds_bucket", ["le": $0]) / all)
        }
    }
}
