import Glibc
import Testing

/// Back-pressure: what one client does not read bounds what Sluice holds for it, stops its sender, and is nobody
/// else's business. One worker, so that all of it happens on one loop.
@Suite struct SlowReaderTests {
    private static let ceiling = 128 << 10
    /// Far more than the kernel's buffers on both legs hold.
    private static let offered = 256 << 20

    @Test func `a client that does not read stops the origin, and costs others nothing`() throws {
        try withStall { flow in
            let sent = try stall(flow, sender: flow.server, Pattern(seed: 6))
            for _ in 0..<500 { try flow.other.client.roundTrip(through: flow.other.server) }
            try expectBoundedMemory(flow.sluice)
            try expectAll(Pattern(seed: 6), 0..<sent, from: flow.server, at: flow.client)
        }
    }

    @Test func `an origin that does not read stops the client`() throws {
        try withStall { flow in
            let sent = try stall(flow, sender: flow.client, Pattern(seed: 7))
            try expectAll(Pattern(seed: 7), 0..<sent, from: flow.client, at: flow.server)
        }
    }

    /// A slow path takes seconds to make room for the next write: its samples must not end before that.
    @Test func `a connection is looked at as long as a kernel has bytes of it to send`() throws {
        try withSluice(workers: 1, route: "ring_ceiling: 128K") { sluice, origin in
            let (client, server) = try sluice.connect(to: origin)
            _ = try sendUntilStalled(server, Pattern(seed: 8)) { usleep(1000) }
            let samples = "sluice_round_trip_seconds_count"
            let before = try sluice.metrics().sum(samples)
            // Both legs of 25 samples: after ten an idle connection would be left alone.
            try sluice.waitForMetric(samples) { $0 >= before + 50 }
            client.close()
        }
    }

    /// A connection of which one side will not read, and another one beside it on the same loop.
    private struct Flow {
        let sluice: SluiceProcess
        let client: Peer
        let server: Peer
        let other: (client: Peer, server: Peer)
    }

    private func withStall(_ body: (Flow) throws -> Void) throws {
        try withSluice(workers: 1, route: "ring_ceiling: 128K") { sluice, origin in
            let (client, server) = try sluice.connect(to: origin)
            let other = try sluice.connect(to: origin)
            try body(Flow(sluice: sluice, client: client, server: server, other: other))
        }
    }

    /// Sends until no more is taken, and expects what it costs to be bounded. Returns how much was taken.
    private func stall(_ flow: Flow, sender: Peer, _ pattern: Pattern) throws -> Int {
        let sent = try sendUntilStalled(sender, pattern) {
            try flow.other.client.roundTrip(through: flow.other.server)
        }
        #expect(sent < Self.offered, "the sender was never slowed")
        try expectBoundedMemory(flow.sluice)
        return sent
    }

    /// Nothing was lost: all that the sender got rid of arrives.
    private func expectAll(_ pattern: Pattern, _ range: Range<Int>, from sender: Peer, at reader: Peer) throws
    {
        sender.closeWrite()
        try reader.receive(pattern, range)
        try reader.expectEnd()
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
