import Testing

/// An end of one direction is passed on, and the other direction goes on (RFC 9293, section 3.6).
@Suite struct HalfCloseTests {
    @Test func `the origin answers after the client's end`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try finishOneWayThenTheOther(first: client, second: server)
            let line = try sluice.expectClosed("completed")
            #expect(line.upstream_bytes?.int == 7)
            #expect(line.downstream_bytes?.int == 1 << 20)
        }
    }

    @Test func `the client goes on after the origin's end`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try finishOneWayThenTheOther(first: server, second: client)
            let line = try sluice.expectClosed("completed")
            #expect(line.upstream_bytes?.int == 1 << 20)
            #expect(line.downstream_bytes?.int == 7)
        }
    }

    /// `first` sends a little and its end; only after that has arrived does `second` send a lot.
    private func finishOneWayThenTheOther(first: Peer, second: Peer) throws {
        try first.send("request")
        first.closeWrite()
        #expect(try second.receiveToEnd() == Array("request".utf8))

        let pattern = Pattern(seed: 1)
        let sending = Background {
            try second.send(pattern, 0..<1 << 20)
            second.closeWrite()
        }
        try first.receive(pattern, 0..<1 << 20)
        try first.expectEnd()
        try sending.value()
    }
}
