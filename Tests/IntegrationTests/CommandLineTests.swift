import Testing

/// The command line's promises to scripts: exit codes, and where messages go.
@Suite struct CommandLineTests {
    @Test func `the version names Sluice, libuv and the kernel`() throws {
        let result = try run(SluiceBinary.path, ["--version"])
        #expect(result.status == 0)
        #expect(result.output.contains("sluice"))
        #expect(result.output.contains("libuv"))
        #expect(result.output.contains("Linux"))
    }

    @Test(arguments: [["run"], ["run", "--nonsense"], ["nonsense"], ["run", "--listen", "127.0.0.1:0"]])
    func `a wrong command line is a usage error`(arguments: [String]) throws {
        let result = try run(SluiceBinary.path, arguments)
        #expect(result.status == 64)
        #expect(!result.errors.isEmpty)
    }

    @Test(arguments: [
        ["run", "--listen", "nonsense", "--to", "127.0.0.1:1"],
        ["run", "--listen", "127.0.0.1:0", "--to", "127.0.0.1"],
        ["run", "--listen", "127.0.0.1:0", "--to", "127.0.0.1:1", "--class", "nonsense"],
    ])
    func `a value that cannot be is a usage error`(arguments: [String]) throws {
        let result = try run(SluiceBinary.path, arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(arguments.contains("--class") ? "telemetry" : "address"))
    }

    @Test func `flags alone make a proxy`() throws {
        let origin = try EchoOrigin()
        let arguments = [
            "run", "--listen", "127.0.0.1:0", "--to", "\(origin.endpoint)", "--class", "cache", "--admin",
            "127.0.0.1:0",
        ]
        try withSluice(arguments: arguments) { sluice in
            let line = try sluice.waitForText("notice listening")
            let address = try #require(
                line.firstMatch(of: /127\.0\.0\.1:[0-9]+/).flatMap { Endpoint(String($0.output)) }
            )
            try Peer.connect(to: address).roundTrip()
        }
    }

    @Test func `an address in use is an error that names it`() throws {
        let taken = try Listener()
        let result = try run(
            SluiceBinary.path,
            ["run", "--listen", "\(taken.endpoint)", "--to", "127.0.0.1:1", "--admin", "off"]
        )
        #expect(result.status == 69)
        #expect(result.errors.contains("\(taken.endpoint)"))
    }

    @Test func `a congestion control that the kernel has not is an error that names it`() throws {
        try withTemporaryDirectory { directory in
            let file = try directory.write(
                """
                routes:
                  - name: web
                    listen: 127.0.0.1:0
                    to: 127.0.0.1:1
                    policy: static
                    static: {ring: 64K, congestion_control: no-such}

                """,
                to: "sluice.yaml"
            )
            #expect(try run(SluiceBinary.path, ["check", file]).status == 0)
            let result = try run(SluiceBinary.path, ["run", "--config", file])
            #expect(result.status == 69)
            for part in ["web", "static.congestion_control", "no-such", "reno"] {
                #expect(result.errors.contains(part))
            }
        }
    }

    /// 78, of which a service manager knows that trying again is of no use.
    @Test func `a token that is not there is a wrong configuration`() throws {
        try withTemporaryDirectory { directory in
            let file = try directory.write(
                """
                admin: {listen: "127.0.0.1:0", token_file: /nowhere}
                routes: [{name: web, listen: "127.0.0.1:0", to: "127.0.0.1:1"}]

                """,
                to: "sluice.yaml"
            )
            let result = try run(SluiceBinary.path, ["run", "--config", file])
            #expect(result.status == 78 && result.errors.contains("/nowhere"), "\(result.errors)")
        }
    }

    @Test func `an address of another machine is an error that names it`() throws {
        // RFC 5737 keeps 192.0.2.0/24 for documentation: no interface has it.
        let result = try run(
            SluiceBinary.path,
            ["run", "--listen", "192.0.2.1:8080", "--to", "127.0.0.1:1", "--admin", "off"]
        )
        #expect(result.status == 69)
        #expect(result.errors.contains("192.0.2.1:8080"))
    }
}
