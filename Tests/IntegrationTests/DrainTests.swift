import Glibc
import Testing

@Suite struct DrainTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `a drain refuses new clients and lets the others finish`(signal: Int32) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let address = try sluice.listener()
            let client = try Peer.connect(to: address)
            let server = try origin.accept()
            try client.roundTrip(through: server)
            #expect(try httpGet("/readyz", from: sluice.admin()).status == 200)

            sluice.signal(signal)
            try waitUntil("new clients to be refused") { Self.isRefused(address) }
            #expect(try httpGet("/readyz", from: sluice.admin()).status == 503)
            #expect(try httpGet("/livez", from: sluice.admin()).status == 200)
            for _ in 0..<20 { try client.roundTrip(through: server) }
            #expect(sluice.isRunning)

            client.close()
            try server.expectEnd()
            server.close()
            try sluice.expectClosed("completed")
            try sluice.expectExit(0)
        }
    }

    @Test func `the deadline of a drain cuts what is left`() throws {
        let origin = try Listener()
        try withSluice(configuration: Self.configuration(drain: "300ms", to: origin)) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip(through: server)
            sluice.signal(SIGTERM)
            #expect(try client.endsInReset())
            #expect(try server.endsInReset())
            try sluice.expectClosed("drain_deadline")
            try sluice.expectExit(0)
        }
    }

    @Test func `readiness fails first, while clients are still served`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, drain: "{grace: 1h}") { sluice in
            let address = try sluice.listener()
            sluice.signal(SIGTERM)
            try waitUntil("readiness to fail") { try httpGet("/readyz", from: sluice.admin()).status == 503 }
            let client = try Peer.connect(to: address)
            try client.roundTrip(through: origin.accept())
            sluice.signal(SIGTERM)
            try sluice.expectExit(128 + SIGTERM)
        }
    }

    /// The first of one is due when the window begins; the rest of the arithmetic is `DrainScheduleTests`'.
    @Test func `a silent connection is ended in order within the window`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, drain: "{deadline: 1h, window: 1h}") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip(through: server)
            sluice.signal(SIGTERM)
            try client.expectEnd()
            try server.expectEnd()
            try sluice.expectClosed("drain_window")
            try sluice.expectExit(0)
        }
    }

    /// Each of these waits for its turn for longer than a silence takes, with nothing in Sluice's own memory: all of it is in the
    /// kernel.
    @Test func `a stream that waits for bandwidth is not silent`() throws {
        let origin = try Listener()
        let (pattern, byteCount) = (Pattern(seed: 6), 16 << 10)
        let route = "limits: {bandwidth: 64K}"
        try withSluice(to: origin.endpoint, route: route, drain: "{deadline: 1h, window: 1h}") { sluice in
            let clients = try (0..<24).map { _ in
                let (client, server) = try sluice.connect(to: origin)
                try server.send(pattern, 0..<byteCount)
                server.close()
                return client
            }
            try sluice.waitForMetric("sluice_paced_reads_total") { $0 >= Double(clients.count) }
            sluice.signal(SIGTERM)
            for client in clients {
                try client.receive(pattern, 0..<byteCount)
                try client.expectEnd()
                client.close()
            }
            try sluice.expectExit(0)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a second signal ends at once`(signal: Int32) throws {
        let origin = try Listener()
        try withSluice(configuration: Self.configuration(drain: "1h", to: origin)) { sluice in
            let address = try sluice.listener()
            let client = try Peer.connect(to: address)
            let server = try origin.accept()
            try client.roundTrip(through: server)
            sluice.signal(signal)
            try waitUntil("new clients to be refused") { Self.isRefused(address) }
            try client.roundTrip(through: server)
            sluice.signal(signal)
            try sluice.expectExit(128 + signal)
            try client.waitForClose()
        }
    }

    @Test func `a drain without connections ends at once`() throws {
        let origin = try Listener()
        try withSluice(configuration: Self.configuration(drain: "1h", to: origin)) { sluice in
            sluice.signal(SIGTERM)
            try sluice.expectExit(0)
        }
    }

    @Test func `a drain does not wait for an origin that does not answer`() throws {
        let blackHole = try BlackHole()
        let configuration = """
            log: {format: json}
            admin: {listen: "127.0.0.1:0"}
            drain: 300ms
            routes:
              - {name: service, listen: "127.0.0.1:0", to: "\(blackHole.endpoint)", timeouts: {connect: 1h}}
            """
        try withSluice(configuration: configuration) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try sluice.waitForMetric("sluice_connections") { $0 == 1 }
            sluice.signal(SIGTERM)
            try client.waitForClose()
            try sluice.expectClosed("drain_deadline")
            try sluice.expectExit(0)
        }
    }

    private static func isRefused(_ address: Endpoint) -> Bool {
        do {
            _ = try Peer.connect(to: address)
            return false
        } catch {
            return (error as? SocketError)?.code == ECONNREFUSED
        }
    }

    private static func configuration(drain: String, to origin: Listener) -> String {
        """
        admin: off
        log: {format: json}
        drain: \(drain)
        routes:
          - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
        """
    }
}
