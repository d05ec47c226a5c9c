import Testing

@Suite struct MemoryCeilingTests {
    private static let connectionCount = 48
    private static let memory = 64 << 10
    /// More than the kernel's buffers take for a reader that stands still.
    private static let byteCount = 6 << 20

    /// Readers that stand still want three times the memory that there is, even at 4 KiB each. Under the kernel's policy: an adaptive
    /// flow asks such a sink before it reads, and holds nothing for it.
    @Test func `at the memory ceiling Sluice slows, loses nothing, and never dies`() throws {
        let origin = try Listener()
        try withSluice(
            to: origin.endpoint,
            route: "ring_ceiling: 64K\npolicy: kernel",
            global: "memory: 64K"
        ) { sluice in
            let address = try sluice.listener()
            var clients: [Peer] = []
            var sending: [Background<Void>] = []
            for index in 0..<Self.connectionCount {
                clients.append(try Peer.connect(to: address, receiveBuffer: 4096))
                let server = try origin.accept()
                sending.append(
                    Background {
                        try server.send(Pattern(seed: UInt64(index)), 0..<Self.byteCount)
                        server.close()
                    }
                )
            }
            try sluice.waitForMetric("sluice_buffer_waits_total") { $0 > 0 }
            #expect(try sluice.metrics().sum("sluice_buffer_bytes") <= Double(Self.memory))
            for step in ["short_lease", "no_lease"] {
                #expect(try sluice.metrics().sum("sluice_memory_pressure_total", ["step": step]) > 0)
            }

            let reading = clients.enumerated().map { index, client in
                Background {
                    try client.receive(Pattern(seed: UInt64(index)), 0..<Self.byteCount)
                    try client.expectEnd()
                    client.close()
                }
            }
            for client in reading { try client.value() }
            for server in sending { try server.value() }
            for _ in clients { try sluice.expectClosed("completed") }
            try sluice.waitForMetric("sluice_buffer_bytes") { $0 == 0 }
        }
    }
}
