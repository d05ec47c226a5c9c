import Testing

@Suite struct AdminTests {
    @Test func `health endpoints answer`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let admin = try sluice.admin()
            #expect(try httpGet("/livez", from: admin).status == 200)
            #expect(try httpGet("/readyz", from: admin).status == 200)
            #expect(try httpGet("/nothing", from: admin).status == 404)
        }
    }

    @Test func `the list of connections tells where each goes and what it carries`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "class: database") { sluice in
            #expect(try sluice.connections().isEmpty)
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip("twelve bytes", through: server)

            let connection = try waitFor("the bytes to be listed") {
                try sluice.connections().first { $0.downstream?.relayed_bytes?.int == 12 }
            }
            #expect(connection.route?.string == "service")
            #expect(connection.state?.string == "open")
            #expect(connection.member("class")?.string == "database")
            #expect(connection.origin?.string == origin.endpoint.description)
            #expect(connection.client?.string?.hasPrefix("127.0.0.1:") == true)
            #expect(connection.upstream?.relayed_bytes?.int == 12)
            #expect(connection.upstream?.held_bytes?.int == 0)

            client.closeWrite()
            try server.expectEnd()
            try waitUntil("the half-close to be listed") {
                try sluice.connections().first?.state?.string == "half_closed"
            }
            server.close()
            client.close()
            try waitUntil("the connection to be gone") { try sluice.connections().isEmpty }
        }
    }

    /// With a class, the controller samples the path of both legs within its first intervals.
    @Test func `a busy connection's path is measured`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let flow = BulkFlow(from: server, to: client)
            try waitUntil("figures of the path") {
                guard let connection = try sluice.connections().first else { return false }
                return connection.downstream?.round_trip_seconds?.double ?? 0 > 0
                    && connection.downstream?.ring_target_bytes?.int ?? 0 > 0
                    && connection.downstream?.throughput_bytes_per_second?.double ?? 0 > 0
            }
            try flow.stop()
            let line = try sluice.expectClosed("completed")
            #expect(try #require(line.client_rtt_seconds?.double) > 0)
            #expect(try #require(line.origin_rtt_seconds?.double) > 0)
        }
    }

    @Test func `the admin server can be switched off`() throws {
        let origin = try Listener()
        let arguments = ["run", "--listen", "127.0.0.1:0", "--to", "\(origin.endpoint)", "--admin", "off"]
        try withSluice(arguments: arguments) { sluice in
            try sluice.waitForText("ready")
            #expect(!sluice.log.contains("admin listening"))
        }
    }

    @Test func `an operator closes connections and sets the log level`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, admin: "write: true") { sluice in
            let (address, admin) = (try sluice.listener(), try sluice.admin())
            // One after the other: two workers may reach the origin in either order. Held: one that is let go of ends its
            // connection in order.
            var (clients, accepted): ([Peer], [Peer]) = ([], [])
            for source in ["127.0.0.1", "127.0.0.2"] {
                clients.append(try Peer.connect(to: address, from: source))
                accepted.append(try origin.accept())
                try clients.last!.roundTrip(through: accepted.last!)
            }
            defer { withExtendedLifetime(accepted) {} }

            let id = try #require(
                try sluice.connections().first { $0.client?.string?.hasPrefix("127.0.0.1:") == true }
            )
            let one = try httpRequest("DELETE", "/connections/\(try #require(id.id?.int))", from: admin)
            #expect(one.body == "{\"closed\":1}\n")
            #expect(try clients[0].endsInReset())
            try sluice.expectClosed("closed_by_operator")
            let rest = try httpRequest("DELETE", "/connections?route=service&client=127.0.0.2", from: admin)
            #expect(rest.body == "{\"closed\":1}\n")
            #expect(try clients[1].endsInReset())
            try sluice.expectClosed("closed_by_operator")

            #expect(try httpRequest("PUT", "/log/level", from: admin, body: "debug").status == 200)
            origin.close()
            try Peer.expectRejection(at: address)
            try sluice.waitForLog("connect failed")
        }
    }

    @Test func `a reload by the admin server tells what it changed`() throws {
        let origin = try Listener()
        func configuration(_ limit: Int) -> String {
            """
            admin: {listen: "127.0.0.1:0", write: true}
            log: {format: json}
            max_connections: \(limit)
            routes:
              - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}

            """
        }
        try withTemporaryDirectory { directory in
            let file = try directory.write(configuration(10), to: "sluice.yaml")
            try withSluice(arguments: ["run", "--config", file]) { sluice in
                let admin = try sluice.admin()
                try directory.write(configuration(20), to: "sluice.yaml")
                let applied = try httpRequest("POST", "/reload", from: admin)
                #expect(applied.status == 200 && applied.body == "reloaded\nmax_connections: 10 -> 20\n")
                try directory.write(configuration(0), to: "sluice.yaml")
                let refused = try httpRequest("POST", "/reload", from: admin)
                #expect(refused.status == 422)
                #expect(refused.body.contains("sluice.yaml:3:18: max_connections: '0' is out of range"))
            }
        }
    }

    @Test func `elsewhere than on loopback a token is asked for`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let token = try directory.write("sixteen-letters-at-least\n", to: "token")
            let configuration = """
                admin: {listen: "0.0.0.0:0", token_file: \(token)}
                log: {format: json}
                routes:
                  - {name: service, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
                """
            try withSluice(configuration: configuration) { sluice in
                let admin = Endpoint.tcp(host: "127.0.0.1", port: try sluice.admin().port)
                #expect(try httpGet("/readyz", from: admin).status == 200)
                #expect(try httpGet("/metrics", from: admin).status == 401)
                let header = "Authorization: Bearer sixteen-letters-at-least"
                #expect(try httpGet("/metrics", from: admin, headers: [header]).status == 200)
            }
        }
    }
}
