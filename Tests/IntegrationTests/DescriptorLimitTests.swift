import Glibc
import Testing

/// More clients than there are descriptors. `prlimit` gives Sluice 64; a connection takes two.
@Suite(.needs(.prlimit)) struct DescriptorLimitTests {
    private static let clientCount = 200

    @Test(arguments: ["auto", "10000"], ["off", "{max: 1000, max_age: 1h}"])
    func `out of descriptors, Sluice waits, serves what it has, and recovers`(
        maxConnections: String,
        warmPool: String
    ) throws {
        let origin = try EchoOrigin()
        let launcher = [try Tool.prlimit.require(), "--nofile=64:64"]
        try withSluice(
            to: origin.endpoint,
            route: "warm_pool: \(warmPool)",
            global: "max_connections: \(maxConnections)",
            launcher: launcher
        ) { sluice in
            let address = try sluice.listener()
            var waiting = try (0..<Self.clientCount).map { _ in
                let client = try Peer.connect(to: address)
                try client.send("ping")
                return client
            }
            // Some are served, and cannot be while all keep their connections: the rest waits.
            try waitUntil("the first clients to be served") { waiting.contains(where: \.hasInput) }
            try expectRest(of: sluice.processIdentifier)

            while !waiting.isEmpty {
                let served = try waitFor("more clients to be served") {
                    let served = waiting.filter(\.hasInput)
                    return served.isEmpty ? nil : served
                }
                for client in served {
                    try client.expect("ping")
                    client.close()
                }
                waiting.removeAll { $0.descriptor < 0 }
            }
            for _ in 0..<Self.clientCount { try sluice.expectClosed("completed") }

            let paused = try sluice.metrics().sum("sluice_accept_paused_total")
            #expect(paused > 0)
            #expect(paused < 2000, "it tried again and again")
            let client = try Peer.connect(to: address)
            try client.roundTrip()
        }
    }

    /// A process that spins shows it only as CPU time over a stretch of wall time: the one place where a test lets
    /// time pass. Half a second of one CPU is far above what waiting costs and far below what spinning does.
    private func expectRest(of process: Int32) throws {
        let before = try CPUTime.used(by: process)
        let window = Deadline(after: .seconds(2))
        try waitUntil("the window's end") { window.hasPassed }
        let used = try CPUTime.used(by: process) - before
        #expect(used < .milliseconds(500), "it spins while it waits for descriptors")
    }
}
