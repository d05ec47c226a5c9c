import Testing

/// A relay must not wait for either side to begin.
@Suite struct SpeaksFirstTests {
    @Test func `a server that speaks first reaches a silent client`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try server.send("220 ready\r\n")
            #expect(try client.receive(sameLengthAs: "220 ready\r\n") == "220 ready\r\n")
            server.close()
            try client.expectEnd()
            client.close()
            let line = try sluice.expectClosed("completed")
            #expect(line.downstream_bytes?.int == 11)
            #expect(line.upstream_bytes?.int == 0)
        }
    }

    @Test func `a client that speaks first reaches a silent server`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try client.send("PING\r\n")
            let server = try origin.accept()
            #expect(try server.receive(sameLengthAs: "PING\r\n") == "PING\r\n")
            client.close()
            try server.expectEnd()
            server.close()
            let line = try sluice.expectClosed("completed")
            #expect(line.upstream_bytes?.int == 6)
            #expect(line.downstream_bytes?.int == 0)
        }
    }
}
