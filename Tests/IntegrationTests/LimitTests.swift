import Testing

@Suite struct LimitTests {
    /// Beyond a limit Sluice stops accepting: clients wait in the listen backlog and lose nothing.
    @Test(arguments: [("limits: {connections: 2}", ""), ("", "max_connections: 2")])
    func `clients beyond the limit wait and are served later`(route: String, global: String) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: route, global: global) { sluice in
            let address = try sluice.listener()
            var clients: [Peer] = []
            for index in 0..<8 {
                let client = try Peer.connect(to: address)
                try client.send([UInt8(index)])
                clients.append(client)
            }
            var served: Set<UInt8> = []
            var current = [try origin.accept(), try origin.accept()]
            try sluice.waitForMetric("sluice_accept_paused_total", ["reason": "connection_limit"]) { $0 > 0 }
            try sluice.waitForMetric("sluice_accepting_paused", ["reason": "connection_limit"]) { $0 > 0 }
            let metrics = try sluice.metrics()
            #expect(try metrics.sum("sluice_connections") == 2)
            let limit = global.isEmpty ? "sluice_connections_limit" : "sluice_max_connections"
            #expect(try metrics.sum(limit) == 2)
            #expect(!origin.hasPendingConnection)

            while served.count < 8 {
                let server = current.removeFirst()
                let index = try server.receive(exactly: 1)[0]
                served.insert(index)
                try clients[Int(index)].roundTrip(through: server)
                clients[Int(index)].close()
                server.close()
                try sluice.expectClosed("completed")
                if served.count < 7 { current.append(try origin.accept()) }
                #expect(try sluice.metrics().sum("sluice_connections") <= 2)
            }
            try sluice.waitForMetric("sluice_accepting_paused") { $0 == 0 }
        }
    }

    /// Who has the last place keeps nobody waiting: an alert on those who wait must be silent.
    @Test func `a route that is full and awaits nobody lets nobody wait`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, workers: 1, route: "limits: {connections: 1}") { sluice in
            let (client, server) = try sluice.connect(to: origin)
            try client.roundTrip(through: server)
            try sluice.waitForMetric("sluice_accept_paused_total") { $0 > 0 }
            #expect(try sluice.metrics().sum("sluice_accepting_paused") == 0)
            let waiting = try Peer.connect(to: sluice.listener())
            try sluice.waitForMetric("sluice_accepting_paused", ["reason": "connection_limit"]) { $0 == 1 }
            client.close()
            server.close()
            try waiting.roundTrip(through: origin.accept())
            #expect(try sluice.metrics().sum("sluice_accepting_paused") == 0)
        }
    }

    @Test func `a client beyond its own limit is closed at once`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "limits: {per_client: 2}") { sluice in
            let address = try sluice.listener()
            let clients = [try Peer.connect(to: address), try Peer.connect(to: address)]
            let servers = [try origin.accept(), try origin.accept()]

            try Peer.expectRejection(at: address)
            try sluice.expectClosed("client_limit")
            #expect(!origin.hasPendingConnection)

            // Another address has a limit of its own.
            let other = try Peer.connect(to: address, from: "127.0.0.2")
            try other.roundTrip(through: origin.accept())

            // The end of one connection makes room for the next.
            clients[0].close()
            clients[1].close()
            for server in servers { try server.expectEnd() }
            for server in servers { server.close() }
            for _ in servers { try sluice.expectClosed("completed") }
            try Peer.connect(to: address).roundTrip(through: origin.accept())
        }
    }

    @Test func `one route's limit is not another's`() throws {
        let origin = try Listener()
        let configuration = """
            admin: off
            log: {format: json}
            drain: 5s
            routes:
              - {name: narrow, listen: "127.0.0.1:0", to: "\(origin.endpoint)", limits: {connections: 1}}
              - {name: wide, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
            """
        try withSluice(configuration: configuration) { sluice in
            let narrow = try Peer.connect(to: sluice.listener(of: "narrow"))
            let narrowServer = try origin.accept()
            let waiting = try Peer.connect(to: sluice.listener(of: "narrow"))
            for _ in 0..<5 {
                let client = try Peer.connect(to: sluice.listener(of: "wide"))
                try client.roundTrip(through: origin.accept())
            }
            try narrow.roundTrip(through: narrowServer)
            narrow.close()
            narrowServer.close()
            try waiting.roundTrip(through: origin.accept())
        }
    }

    @Test func `new connections beyond a route's rate wait and are served later`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "limits: {rate: 2}") { sluice in
            let address = try sluice.listener()
            let clients = try (0..<5).map { _ in try Peer.connect(to: address) }
            try sluice.waitForMetric("sluice_accept_paused_total", ["reason": "rate_limit"]) { $0 > 0 }
            for (index, client) in clients.enumerated() { try client.send([UInt8(index)]) }
            for _ in clients {
                let server = try origin.accept()
                let index = Int(try server.receive(exactly: 1)[0])
                try clients[index].roundTrip(through: server)
            }
        }
    }

    @Test func `a client beyond its rate is closed at once`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "limits: {rate_per_client: 1}") { sluice in
            let address = try sluice.listener()
            try Peer.connect(to: address).roundTrip(through: origin.accept())
            // However slow this machine is: sooner or later two come within a second.
            try waitUntil("a refusal") {
                try? Peer.expectRejection(at: address)
                return try sluice.metrics().sum("sluice_connections_closed_total", ["reason": "client_rate"])
                    > 0
            }
            try Peer.connect(to: address, from: "127.0.0.2").roundTrip(through: Self.newest(of: origin))
        }
    }

    /// Those before were admitted, and are gone again.
    private static func newest(of origin: Listener) throws -> Peer {
        var server = try origin.accept()
        while origin.hasPendingConnection { server = try origin.accept() }
        return server
    }

    @Test func `who may connect is told by the longest prefix`() throws {
        let origin = try Listener()
        let access = "access: {allow: [127.0.0.0/8, 127.0.2.2], deny: 127.0.2.0/24}"
        try withSluice(to: origin.endpoint, route: access) { sluice in
            let address = try sluice.listener()
            for host in ["127.0.0.1", "127.0.2.2"] {
                try Peer.connect(to: address, from: host).roundTrip(through: origin.accept())
                try sluice.expectClosed("completed")
            }
            for host in ["127.0.2.1", "127.0.2.255"] {
                try Peer.expectRejection(at: address, from: host)
                try sluice.expectClosed("access_denied")
            }
            #expect(!origin.hasPendingConnection)
        }
    }
}
