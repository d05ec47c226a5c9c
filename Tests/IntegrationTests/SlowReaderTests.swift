import Testing

/// Back-pressure: what one client does not read bounds what Sluice holds for it, stops its sender, and is nobody
/// else's business. One worker, so that all of it happens on one loop.
@Suite struct SlowReaderTests {
    private static let ceiling = 128 << 10
    /// Far more than the kernel's buffers on both legs hold.
    private static let offered = 256 << 20

    @Test func `a client that does not read stops the origin, and costs others nothing`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, workers: 1, route: "ring_ceiling: 128K") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let other = try Peer.connect(to: sluice.listener())
            let otherServer = try origin.accept()

            let pattern = Pattern(seed: 6)
            let sent = try sendUntilStalled(server, pattern) { try other.roundTrip(through: otherServer) }
            #expect(sent < Self.offered, "the sender was never slowed")
            try expectBoundedMemory(sluice)
            for _ in 0..<500 { try other.roundTrip(through: otherServer) }
            try expectBoundedMemory(sluice)

            // Nothing was lost: all that the sender got rid of arrives.
            server.closeWrite()
            try client.receive(pattern, 0..<sent)
            try client.expectEnd()
        }
    }

    @Test func `an origin that does not read stops the client`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, workers: 1, route: "ring_ceiling: 128K") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let other = try Peer.connect(to: sluice.listener())
            let otherServer = try origin.accept()

            let pattern = Pattern(seed: 7)
            let sent = try sendUntilStalled(client, pattern) { try other.roundTrip(through: otherServer) }
            #expect(sent < Self.offered, "the sender was never slowed")
            try expectBoundedMemory(sluice)

            client.closeWrite()
            try server.receive(pattern, 0..<sent)
            try server.expectEnd()
        }
    }

    /// Offers bytes until 300 events in a row have passed on the same loop without one more byte being taken. Counting
    /// events and not time keeps the machine's speed out of it.
    private func sendUntilStalled(_ sender: Peer, _ pattern: Pattern, meanwhile event: () throws -> Void)
        throws -> Int
    {
        var sent = 0
        var quietEvents = 0
        while quietEvents < 300 && sent < Self.offered {
            let count = try sender.sendWhatFits(pattern, sent..<Self.offered)
            sent += count
            quietEvents = count == 0 ? quietEvents + 1 : 0
            if count == 0 { try event() }
        }
        return sent
    }

    private func expectBoundedMemory(_ sluice: SluiceProcess) throws {
        for direction in ["upstream", "downstream"] {
            // The quick connection holds nothing: all of it is the slow one's.
            let held = try sluice.metrics().sum("sluice_buffer_bytes", ["direction": direction])
            #expect(held <= Double(Self.ceiling))
        }
        for connection in try sluice.connections() {
            for direction in [connection.upstream, connection.downstream] {
                #expect(try #require(direction?.held_bytes?.int) <= Self.ceiling)
            }
        }
    }
}
