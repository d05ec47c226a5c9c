import Testing

@Suite struct RandomTrafficTests {
    private static let connectionCount = 300
    private static let byteCount = 200_000

    /// A thread for each end; every end sends a stream of its own and checks every byte of the other's.
    @Test func `hundreds of connections, both ways at once, random chunks and pauses`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let address = try sluice.listener()
            let clients = (0..<Self.connectionCount).map { index in
                Background { try Self.runClient(index, on: Peer.connect(to: address)) }
            }
            let servers = try (0..<Self.connectionCount).map { _ in
                let peer = try origin.accept()
                return Background { try Self.runServer(on: peer) }
            }
            for end in clients + servers { try end.value() }

            for _ in 0..<Self.connectionCount { try sluice.expectClosed("completed") }
            let metrics = try sluice.metrics()
            let payload = Self.connectionCount * Self.byteCount
            #expect(try metrics.sum("sluice_connections_opened_total") == Double(Self.connectionCount))
            #expect(try metrics.sum("sluice_connections") == 0)
            #expect(try metrics.sum("sluice_buffer_bytes") == 0)
            #expect(
                try metrics.sum("sluice_relayed_bytes_total", ["direction": "upstream"])
                    == Double(payload + 2 * Self.connectionCount)
            )
            #expect(
                try metrics.sum("sluice_relayed_bytes_total", ["direction": "downstream"]) == Double(payload)
            )
        }
    }

    /// The first two bytes tell the server which streams to expect and to send.
    private static func runClient(_ index: Int, on peer: Peer) throws {
        try peer.send([UInt8(index >> 8), UInt8(index & 255)])
        try exchange(on: peer, sendingSeed: 2 * index, receivingSeed: 2 * index + 1)
    }

    private static func runServer(on peer: Peer) throws {
        let name = try peer.receive(exactly: 2)
        let index = Int(name[0]) << 8 | Int(name[1])
        try exchange(on: peer, sendingSeed: 2 * index + 1, receivingSeed: 2 * index)
    }

    private static func exchange(on peer: Peer, sendingSeed: Int, receivingSeed: Int) throws {
        var exchange = Exchange(
            outgoing: Pattern(seed: UInt64(sendingSeed)),
            incoming: Pattern(seed: UInt64(receivingSeed)),
            byteCount: byteCount,
            seed: UInt64(sendingSeed)
        )
        try exchange.run(on: peer)
        peer.close()
    }
}
