import Testing

@Suite(.needs(.postgres, .initdb, .psql, .pgbench)) struct PostgresTests {
    /// One server for all of it: to start one takes seconds.
    @Test func `pgbench, COPY in and out, LISTEN and NOTIFY`() throws {
        try withPostgres { server in
            try withSluice(to: server.endpoint, route: "class: database") { sluice in
                let proxy = try sluice.listener()
                let listening = try PostgresSession(to: proxy)
                try listening.execute("LISTEN news")
                try runPgbench(through: proxy)
                try copyBothWays(server, through: proxy)

                // Idle during all of that, and still there.
                #expect(!listening.hasInput)
                for index in 0..<100 {
                    _ = try PostgresSession(to: proxy).execute("NOTIFY news, 'item \(index)'")
                    #expect(try listening.nextNotification() == "item \(index)")
                }
            }
        }
    }

    private func runPgbench(through proxy: Endpoint) throws {
        let connection = ["--host=127.0.0.1", "--port=\(proxy.port)", "--username=\(PostgresServer.user)"]
        let pgbench = try Tool.pgbench.require()
        try succeed(pgbench, connection + ["--initialize", "--scale=1", "--quiet", "postgres"])
        for mode in ["simple", "extended", "prepared"] {
            let output = try succeed(
                pgbench,
                connection + ["--client=8", "--transactions=50", "--protocol=\(mode)", "postgres"]
            )
            #expect(output.contains("number of transactions actually processed: 400/400"))
            #expect(output.contains("number of failed transactions: 0 "))
        }
    }

    /// About 100 MB each way. What came out through Sluice, and what went in through it, are compared with what the
    /// server itself says.
    private func copyBothWays(_ server: PostgresServer, through proxy: Endpoint) throws {
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("rows").path
            let directFile = directory.appendingPathComponent("direct").path
            let rows = "SELECT i, repeat(md5(i::text), 3) FROM generate_series(1, 1000000) i"
            _ = try server.psql("CREATE TABLE source AS \(rows)", through: server.endpoint)
            _ = try server.psql("\\copy source TO '\(file)'", through: proxy)
            _ = try server.psql("\\copy source TO '\(directFile)'", through: server.endpoint)
            let expected = try sha256(ofFile: directFile)
            #expect(try sha256(ofFile: file) == expected)

            _ = try server.psql("CREATE TABLE copy (LIKE source)", through: proxy)
            _ = try server.psql("\\copy copy FROM '\(directFile)'", through: proxy)
            _ = try server.psql("\\copy copy TO '\(file)'", through: server.endpoint)
            #expect(try sha256(ofFile: file) == expected)
        }
    }
}
