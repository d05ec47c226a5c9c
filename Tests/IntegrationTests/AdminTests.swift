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
}
