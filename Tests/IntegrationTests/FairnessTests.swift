import Testing

@Suite struct FairnessTests {
    /// Counted, not timed: if the bulk flows kept the loop, the round trips would not come to an end.
    @Test func `small messages get through while bulk flows keep their loop busy`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, workers: 1) { sluice in
            let address = try sluice.listener()
            let bulk = try (0..<4).map { _ in
                let client = try Peer.connect(to: address)
                let server = try origin.accept()
                return BulkFlow(from: server, to: client)
            }
            let client = try Peer.connect(to: address)
            let server = try origin.accept()
            try waitUntil("every bulk flow to move") { bulk.allSatisfy { $0.receivedBytes > 0 } }
            let before = bulk.map(\.receivedBytes)
            for _ in 0..<1000 { try client.roundTrip(through: server) }
            for (flow, before) in zip(bulk, before) {
                #expect(flow.receivedBytes > before, "a bulk flow stood still: this proves nothing")
            }
            for flow in bulk { try flow.stop() }
        }
    }
}
