import Testing

@Suite struct PolicyTests {
    /// Whoever sizes the buffers, the bytes are the same.
    @Test(arguments: [
        "policy: adaptive", "policy: kernel", "policy: static\nstatic: {ring: 8K, notsent_lowat: 32K}",
    ])
    func `every policy carries both directions`(policy: String) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: policy) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let ends = [(client, 20, 21), (server, 21, 20)].map { peer, outgoing, incoming in
                Background {
                    var exchange = Exchange(
                        outgoing: Pattern(seed: UInt64(outgoing)),
                        incoming: Pattern(seed: UInt64(incoming)),
                        byteCount: 8 << 20,
                        seed: UInt64(outgoing)
                    )
                    try exchange.run(on: peer)
                    peer.close()
                }
            }
            for end in ends { try end.value() }
            try sluice.expectClosed("completed")
        }
    }

    /// A small window that is given back to an autotuning that is off would stay small.
    @Test(.needsGateway) func `windows are left alone where the kernel would not open them again`() throws {
        try Gateway.with { gateway in
            let setting = "/proc/sys/net/ipv4/tcp_moderate_rcvbuf"
            try gateway.succeed(on: "gateway", ["sh", "-c", "echo 0 > \(setting)"])
            let arguments = ["run", "--listen", "10.51.1.1:9000", "--to", "127.0.0.1:1", "--admin", "off"]
            try withSluice(arguments: arguments, launcher: gateway.launcher(on: "gateway")) { sluice in
                let line = try sluice.errors.waitForLine(containing: "tcp_moderate_rcvbuf")
                #expect(line.contains("source_window"), "\(line)")
                _ = try sluice.errors.waitForLine(containing: "notice ready")
            }
        }
    }

    /// The baseline to compare with: what was written down is what is used, however much flows.
    @Test func `a static policy keeps its sizes`() throws {
        let origin = try Listener()
        let policy = "policy: static\nstatic: {ring: 8K, notsent_lowat: 32K}"
        try withSluice(to: origin.endpoint, route: policy) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let flow = BulkFlow(from: server, to: client)
            try waitUntil("64 MiB to flow") { flow.receivedBytes > 64 << 20 }
            let connection = try #require(try sluice.connections().first)
            for direction in [connection.upstream, connection.downstream] {
                #expect(direction?.ring_target_bytes?.int == 8 << 10)
                #expect(direction?.notsent_lowat_bytes?.int == 32 << 10)
            }
            try flow.stop()
        }
    }

    /// A bulk flow earns a larger buffer, up to the ceiling.
    @Test func `an adaptive ring follows a bulk flow up to the ceiling`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "ring_ceiling: 512K") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let flow = BulkFlow(from: server, to: client)
            var largest = 0
            try waitUntil("the ring to grow") {
                largest = max(
                    largest,
                    try sluice.connections().first?.downstream?.ring_target_bytes?.int ?? 0
                )
                return largest >= 256 << 10
            }
            #expect(largest <= 512 << 10)
            let idle = try #require(try sluice.connections().first?.upstream)
            #expect(try #require(idle.ring_target_bytes?.int) < 256 << 10)
            try flow.stop()
        }
    }

    /// Half of the connections are left alone, so that the others can be compared with them.
    @Test func `a connection that is held back has the kernel's own settings`() throws {
        let origin = try EchoOrigin()
        try withSluice(to: origin.endpoint, route: "class: cache\nholdback: 50%") { sluice in
            let peers = try (0..<40).map { _ in try Peer.connect(to: sluice.listener()) }
            for peer in peers { try peer.roundTrip() }
            let connections = try sluice.connections()
            #expect(connections.count == 40)
            let arms = connections.compactMap { $0.arm?.string }
            #expect(arms.count == 40 && Set(arms) == ["adaptive", "kernel"])
            let limits = Dictionary(grouping: connections) { $0.arm?.string ?? "" }
                .mapValues { $0.compactMap { $0.downstream?.notsent_lowat_bytes?.int } }
            #expect(limits["kernel"] == [])
            // The class's starting value, or what a sample has made of it since.
            let decisions = try sluice.metrics().sum(
                "sluice_decisions_total",
                ["actuator": "notsent_lowat"]
            )
            #expect(limits["adaptive"]?.contains(128 << 10) == true || decisions > 0)
            for peer in peers { peer.close() }
        }
    }

    @Test func `both arms are measured`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "class: network\nholdback: 50%") { sluice in
            for arm in ["adaptive", "kernel"] {
                // New connections until one of this arm comes.
                try waitUntil("bytes of the arm \(arm)") {
                    let client = try Peer.connect(to: sluice.listener())
                    let server = try origin.accept()
                    let flow = BulkFlow(from: server, to: client)
                    let before = flow.receivedBytes
                    try waitUntil("bytes to flow") { flow.receivedBytes > before + 1 << 20 }
                    let isWanted = try sluice.connections().contains { $0.arm?.string == arm }
                    if isWanted {
                        try sluice.waitForMetric("sluice_arm_bytes_total", ["class": "network", "arm": arm]) {
                            $0 > 0
                        }
                    }
                    try flow.stop()
                    return isWanted
                }
                let seconds = try sluice.metrics().sum("sluice_arm_active_seconds_total", ["arm": arm])
                #expect(seconds > 0)
            }
        }
    }

    @Test func `what is forbidden is not set`() throws {
        let origin = try EchoOrigin()
        try withSluice(to: origin.endpoint, route: "class: cache\nholdback: 0%\nforbid: notsent_lowat") {
            sluice in
            let peer = try Peer.connect(to: sluice.listener())
            try peer.roundTrip()
            let connection = try #require(try sluice.connections().first)
            #expect(connection.downstream?.notsent_lowat_bytes == nil)
            peer.close()
        }
    }
}
