import Testing

/// An origin that cannot be reached: the client must find out at once, and the operator why.
@Suite struct ConnectFailureTests {
    @Test func `an origin that refuses`() throws {
        try withSluice(to: .loopback(Endpoint.freePort())) { sluice in
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("connect_refused")
        }
    }

    @Test func `an origin that does not answer`() throws {
        let blackHole = try BlackHole()
        try withSluice(to: blackHole.endpoint, route: "timeouts: {connect: 300ms}") { sluice in
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("connect_timeout")
        }
    }

    /// Unlike TCP's, its connects are refused for the moment, and asked for again.
    @Test func `a Unix origin that accepts nothing is at fault`() throws {
        try withTemporaryDirectory { directory in
            let origin = try Listener(on: .unix(path: directory.appendingPathComponent("o").path), backlog: 0)
            let filler = try Peer.connect(to: origin.endpoint)
            defer { filler.close() }
            try withSluice(to: origin.endpoint, route: "timeouts: {connect: 300ms}") { sluice in
                try Peer.expectRejection(at: sluice.listener())
                try sluice.expectClosed("connect_timeout")
                #expect(try sluice.metrics().sum("sluice_origin_connect_failures_total") == 1)
            }
        }
    }

    @Test func `an origin whose Unix socket does not exist`() throws {
        try withSluice(to: .unix(path: "/nonexistent/sluice.sock")) { sluice in
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("connect_failed")
        }
    }

    /// Sluice starts all the same: the name may resolve tomorrow. RFC 6761 reserves `.invalid` for never resolving.
    @Test func `an origin whose name does not resolve`() throws {
        try withSluice(to: .tcp(host: "nowhere.invalid", port: 80)) { sluice in
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("resolve_failed")
            let name = "nowhere.invalid:80"
            try sluice.waitForMetric("sluice_resolve_failures_total", ["origin": name]) { $0 > 0 }
            let line = try sluice.waitForLog("name not resolved", route: "service")
            #expect(line.origin?.string == name)
        }
    }

    @Test func `an origin that comes up later is found`() throws {
        let port = try Endpoint.freePort()
        try withSluice(to: .loopback(port)) { sluice in
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("connect_refused")

            let origin = try Listener(port: port)
            let client = try Peer.connect(to: sluice.listener())
            try client.roundTrip(through: origin.accept())
        }
    }

    /// A client that gives up while its origin is still being connected must not be forgotten.
    @Test func `a client that leaves while the origin does not answer`() throws {
        let blackHole = try BlackHole()
        try withSluice(to: blackHole.endpoint, route: "timeouts: {connect: 1s}") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try sluice.waitForMetric("sluice_connections") { $0 == 1 }
            try client.reset()
            _ = try sluice.nextClosed()
            try sluice.waitForMetric("sluice_connections") { $0 == 0 }
        }
    }
}
