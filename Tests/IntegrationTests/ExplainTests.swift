import Testing

@Suite struct ExplainTests {
    /// A bulk flow makes its relay buffer grow: that is the story.
    @Test func `a live connection is explained in sentences`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let flow = BulkFlow(from: server, to: client)
            let id = try waitForDecision(in: sluice)
            let admin = "\(try sluice.admin())"
            let byID = try run(SluiceBinary.path, ["explain", "\(id)", "--admin", admin])
            #expect(byID.status == 0, "\(byID.errors)")
            for part in [
                "Connection \(id) of route service", "From the origin to the client:",
                "The last decisions, oldest first:", "the relay buffer may have",
            ] {
                #expect(byID.output.contains(part), "\(byID.output)")
            }
            let byHost = try run(SluiceBinary.path, ["explain", "127.0.0.1", "--admin", admin])
            #expect(byHost.status == 0 && byHost.output.contains("Connection \(id) of route"))
            try flow.stop()
        }
    }

    /// The first decision may be the only one: a burst grows the buffer, and nothing follows it.
    @Test func `a burst's one decision is told`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "policy: kernel") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try server.send([UInt8](repeating: 1, count: 64 << 10))
            _ = try client.receive(exactly: 64 << 10)
            _ = try waitForDecision(in: sluice)
        }
    }

    /// - Returns: the id of the only connection.
    private func waitForDecision(in sluice: SluiceProcess) throws -> Int {
        try waitFor("a decision") {
            guard let id = try sluice.connections().first?.id?.int else { return nil }
            let connection = JSONValue(
                parsing: try httpGet("/connections/\(id)", from: sluice.admin()).body
            )
            return try #require(connection?.decisions?.array).isEmpty ? nil : id
        }
    }

    @Test func `the token is shown where one is asked for`() throws {
        let origin = try EchoOrigin()
        try withTemporaryDirectory { directory in
            let token = try directory.write("sixteen-letters-at-least\n", to: "token")
            try withSluice(to: origin.endpoint, admin: "token_file: \(token)") { sluice in
                let arguments = ["explain", "42", "--admin", "\(try sluice.admin())"]
                let without = try run(SluiceBinary.path, arguments)
                #expect(without.status == 69 && without.errors.contains("401"), "\(without.errors)")
                let with = try run(SluiceBinary.path, arguments + ["--admin-token-file", "\(token)"])
                #expect(with.status == 1 && with.errors.contains("42"), "\(with.errors)")
                let unread = try run(SluiceBinary.path, arguments + ["--admin-token-file", "/nowhere"])
                #expect(unread.status == 69 && unread.errors.contains("/nowhere"), "\(unread.errors)")
            }
        }
    }

    @Test func `an unknown connection, and no admin server, are errors`() throws {
        let origin = try EchoOrigin()
        try withSluice(to: origin.endpoint) { sluice in
            let result = try run(SluiceBinary.path, ["explain", "42", "--admin", "\(try sluice.admin())"])
            #expect(result.status == 1 && result.errors.contains("42"))
        }
        let nobody = try run(SluiceBinary.path, ["explain", "42", "--admin", "127.0.0.1:1"])
        #expect(nobody.status == 69 && nobody.errors.contains("127.0.0.1:1"))
    }
}
