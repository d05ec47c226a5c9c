import Glibc
import Testing

/// A reset says "this was cut off"; turned into an orderly end it would say "this was all".
@Suite struct ResetTests {
    @Test func `a client's reset reaches the origin as a reset`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip(through: server)
            try client.reset()
            #expect(try server.endsInReset())
            try sluice.expectClosed("client_reset")
        }
    }

    @Test func `an origin's reset reaches the client as a reset`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip(through: server)
            try server.reset()
            #expect(try client.endsInReset())
            try sluice.expectClosed("origin_reset")
        }
    }

    /// The kernel has connected, and taken what the origin said, while Sluice was busy: both come to the same as if it had looked.
    @Test(arguments: [0, 1000]) func `an origin's reset that comes before Sluice looks is one`(sent: Int)
        throws
    {
        let origin = try BlackHole()
        try withSluice(to: origin.endpoint, route: "timeouts: {connect: 60s}") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try waitUntil("a connect") { try sluice.connections().first?.state?.string == "connecting" }
            sluice.signal(SIGSTOP)
            defer { sluice.signal(SIGCONT) }
            let server = try origin.accept()
            try server.send(Pattern(seed: 3), 0..<sent)
            try server.reset()
            sluice.signal(SIGCONT)
            let (received, isReset) = try client.receiveWhatComes(of: Pattern(seed: 3))
            #expect(isReset && received == sent)
            try sluice.expectClosed("origin_reset")
        }
    }

    @Test func `a reset in the middle of a transfer is passed on`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let sending = Background { try server.send(Pattern(seed: 2), 0..<256 << 20) }
            try client.receive(Pattern(seed: 2), 0..<1 << 20)
            try client.reset()
            #expect(throws: SocketError.self) { try sending.value() }
            try sluice.expectClosed("client_reset")
        }
    }

    @Test func `a reset after a half-close is passed on`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            client.closeWrite()
            try server.expectEnd()
            try server.reset()
            #expect(try client.endsInReset())
            try sluice.expectClosed("origin_reset")
        }
    }
}
