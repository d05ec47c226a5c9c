import Testing

/// Active checks, against scripted origins and against the real servers.
@Suite struct HealthCheckTests {
    private func waitForState(_ state: String, of origin: Endpoint, in sluice: SluiceProcess) throws {
        try sluice.waitForMetric("sluice_origin_state", ["origin": "\(origin)", "state": state]) { $0 == 1 }
    }

    @Test func `an origin that fails its checks gets no connections until it passes them`() throws {
        let good = try NamedOrigin("g")
        let port = try Endpoint.freePort()
        let list = "[\"127.0.0.1:\(port)\", \"\(good.endpoint)\"]"
        let route =
            "ejection: off\nhealth: {check: send_expect, expect: \"g\", interval: 20ms, rise: 2, fall: 2}"
        try withSluice(toOrigins: list, workers: 2, route: route) { sluice in
            let bad = Endpoint.loopback(port)
            try waitForState("unhealthy", of: bad, in: sluice)
            try sluice.waitForLog("origin unhealthy")
            let proxy = try sluice.listener()
            for _ in 0..<10 {
                let client = try Peer.connect(to: proxy)
                #expect(try client.receive(exactly: 1) == [UInt8(ascii: "g")])
            }
            // No client was the one to find out.
            let labels = ["origin": "\(bad)"]
            #expect(try sluice.metrics().sum("sluice_origin_connect_failures_total", labels) == 0)

            let recovered = try NamedOrigin("g", port: port)
            try waitForState("available", of: bad, in: sluice)
            try sluice.waitForLog("origin healthy")
            withExtendedLifetime(recovered) {}
        }
    }

    /// It accepts connections, and even so is not well: a check of the connect alone would not see it.
    @Test func `an origin that answers wrongly or not at all is unhealthy`() throws {
        let good = try NamedOrigin("g")
        let wrong = try NamedOrigin("w")
        let mute = try Listener()
        let list = "[\"\(wrong.endpoint)\", \"\(mute.endpoint)\", \"\(good.endpoint)\"]"
        let route =
            "health: {check: send_expect, send: \"hello\", expect: \"g\", interval: 20ms, timeout: 300ms}"
        try withSluice(toOrigins: list, workers: 1, route: route) { sluice in
            try waitForState("unhealthy", of: wrong.endpoint, in: sluice)
            try waitForState("unhealthy", of: mute.endpoint, in: sluice)
            try waitForState("available", of: good.endpoint, in: sluice)
        }
    }

    /// Of a cluster whose primary is found by the check, say: what is not it must get no client.
    @Test(arguments: ["ejection: {panic: 0}", "ejection: off"])
    func `without panic an origin that fails its checks gets nothing even if all do`(line: String) throws {
        let origins = try [NamedOrigin("a"), NamedOrigin("b")]
        let list = "[\"\(origins[0].endpoint)\", \"\(origins[1].endpoint)\"]"
        let route = "\(line)\nhealth: {check: send_expect, expect: \"x\", interval: 20ms, timeout: 300ms}"
        try withSluice(toOrigins: list, workers: 2, route: route) { sluice in
            for origin in origins { try waitForState("unhealthy", of: origin.endpoint, in: sluice) }
            for _ in 0..<4 {
                try Peer.expectRejection(at: sluice.listener())
                try sluice.expectClosed("no_origin")
            }
            #expect(try sluice.metrics().sum("sluice_origin_connects_total") == 0)
        }
    }

    @Test(.needs(.redisServer)) func `redis is asked with PING`() throws {
        try withRedis { try expectAvailable($0, check: "redis") }
    }

    @Test(.needs(.nginx)) func `http is asked with GET`() throws {
        try withTemporaryDirectory { directory in
            _ = try directory.write("hello", to: "index.html")
            try withNginx(serving: directory) { try expectAvailable($0, check: "http") }
            try withNginx(serving: directory) { endpoint in
                let route = "health: {check: http, path: /missing, interval: 20ms}"
                try withSluice(to: endpoint, route: route) { sluice in
                    try waitForState("unhealthy", of: endpoint, in: sluice)
                    #expect(try sluice.waitForLog("origin unhealthy").reason?.string == "status 404")
                }
            }
        }
    }

    @Test(.needs(.postgres, .initdb)) func `postgres is asked for a session`() throws {
        try withPostgres { server in
            try expectAvailable(server.endpoint, check: "postgres, user: \(PostgresServer.user)")
            // No such user: refused, by a server that is well.
            try expectAvailable(server.endpoint, check: "postgres")
        }
    }

    @Test func `what is not that server does not pass for it`() throws {
        let origin = try EchoOrigin()
        for check in ["postgres", "redis", "http"] {
            try withSluice(to: origin.endpoint, route: "health: {check: \(check), interval: 20ms}") {
                sluice in
                try waitForState("unhealthy", of: origin.endpoint, in: sluice)
                try sluice.waitForLog("origin unhealthy")
            }
        }
    }

    private func expectAvailable(_ origin: Endpoint, check: String) throws {
        try withSluice(to: origin, route: "health: {check: \(check), interval: 20ms, fall: 1}") { sluice in
            try sluice.waitForMetric("sluice_origin_checks_total", ["result": "passed"]) { $0 >= 3 }
            #expect(try sluice.metrics().sum("sluice_origin_checks_total", ["result": "failed"]) == 0)
            try waitForState("available", of: origin, in: sluice)
        }
    }
}
