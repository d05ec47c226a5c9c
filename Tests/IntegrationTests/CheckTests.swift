import Testing

@Suite struct CheckTests {
    @Test func `a good configuration passes`() throws {
        let result = try check(
            """
            routes:
              - name: database
                listen: 127.0.0.1:5433
                to: 127.0.0.1:5432
            """
        )
        #expect(result.status == 0)
        #expect(result.errors == "")
    }

    @Test func `a misspelt key is named with its place and the likely word`() throws {
        let result = try check(
            """
            routes:
              - name: database
                lissten: 127.0.0.1:5433
                to: 127.0.0.1:5432
            """
        )
        #expect(result.status == 78)
        #expect(result.errors.contains("sluice.yaml:3"))
        #expect(result.errors.contains("lissten"))
        #expect(result.errors.contains("listen"))
    }

    @Test(arguments: [
        ("workers: many", "workers"), ("memory: 12X", "memory"), ("drain: soon", "drain"),
        ("log: {format: xml}", "json"), ("max_connections: -1", "max_connections"),
    ])
    func `an impossible value is named with what is allowed`(line: String, expected: String) throws {
        let result = try check(
            """
            \(line)
            routes:
              - {name: database, listen: "127.0.0.1:5433", to: "127.0.0.1:5432"}
            """
        )
        #expect(result.status == 78)
        #expect(result.errors.contains("sluice.yaml:1"))
        #expect(result.errors.contains(expected))
    }

    @Test func `every mistake is told at once`() throws {
        let result = try check(
            """
            workers: many
            routes:
              - {name: database, listen: nonsense, to: "127.0.0.1:5432"}
            """
        )
        #expect(result.status == 78)
        #expect(result.errors.contains("workers"))
        #expect(result.errors.contains("nonsense"))
    }

    /// As it would not run, either.
    @Test func `a token that cannot be read is a mistake`() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appendingPathComponent("token").path
            let text = """
                admin:
                  token_file: \(path)
                routes:
                  - {name: database, listen: "127.0.0.1:5433", to: "127.0.0.1:5432"}
                """

            let missing = try check(text)
            #expect(missing.status == 78)
            for part in ["sluice.yaml:2:15: admin.token_file: ", path, "No such file"] {
                #expect(missing.errors.contains(part))
            }
            try directory.write("short\n", to: "token")
            #expect(try check(text).errors.contains("16 to 1024 visible"))
            try directory.write("sixteen-letters-at-least\n", to: "token")
            #expect(try check(text).status == 0)
        }
    }

    @Test func `a text that is no YAML`() throws {
        let result = try check("routes: [")
        #expect(result.status == 78)
        #expect(result.errors.contains("sluice.yaml"))
    }

    @Test func `a file that is not there`() throws {
        let result = try run(SluiceBinary.path, ["check", "/nonexistent/sluice.yaml"])
        #expect(result.status != 0)
        #expect(result.errors.contains("/nonexistent/sluice.yaml"))
    }

    @Test func `a bad configuration does not run`() throws {
        try withTemporaryDirectory { directory in
            let file = try directory.write("routes: []\nworker: 1\n", to: "sluice.yaml")
            let result = try run(SluiceBinary.path, ["run", "--config", file])
            #expect(result.status == 78)
            #expect(result.errors.contains("workers"))
        }
    }

    private func check(_ text: String) throws -> ProgramResult {
        try withTemporaryDirectory { directory in
            try run(SluiceBinary.path, ["check", directory.write(text + "\n", to: "sluice.yaml")])
        }
    }
}
