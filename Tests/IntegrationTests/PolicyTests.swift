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
}
