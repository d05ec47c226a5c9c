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

    /// Elsewhere nobody awaits a PROXY header.
    @Test func `another port and another address may be asked`() throws {
        let (first, second) = (try Listener(), try Listener())
        let (port, address) = (try Listener(), try Listener())
        let list =
            "[\"\(first.endpoint)\", {address: \"\(second.endpoint)\", health_address: \"\(address.endpoint)\"}]"
        let check = "check: send_expect, send: PING, expect: PONG, port: \(port.endpoint.port)"
        let route = "send_proxy: v1\nhealth: {\(check), interval: 1h, timeout: 1h}"
        try withSluice(toOrigins: list, workers: 1, route: route) { sluice in
            for (doctor, answer) in [(port, "PONG"), (address, "NOPONY....")] {
                let asked = try doctor.accept()
                #expect(try asked.receive(exactly: 4) == Array("PING".utf8))
                try asked.send(answer)
                asked.close()
            }
            try waitForState("unhealthy", of: second.endpoint, in: sluice)
            try sluice.waitForMetric("sluice_origin_checks_total", ["origin": "\(first.endpoint)"]) {
                $0 == 1
            }
            try waitForState("available", of: first.endpoint, in: sluice)
            #expect(!first.hasPendingConnection && !second.hasPendingConnection)
        }
    }

    /// Two origins, of which the check finds the primary: somebody beside it says `p`.
    private func withCluster(
        primary: Endpoint,
        standby: Endpoint,
        health: String,
        _ body: (SluiceProcess, _ switchOver: () throws -> Void) throws -> Void
    ) throws {
        var beside: NamedOrigin? = try NamedOrigin("p")
        let port = try Endpoint.freePort()
        let list =
            "[{address: \"\(primary)\", health_address: \"\(beside!.endpoint)\"}, "
            + "{address: \"\(standby)\", health_address: \"127.0.0.1:\(port)\"}]"
        let check = "check: send_expect, expect: \"p\", interval: 20ms, rise: 1, fall: 1"
        let route =
            "timeouts: {connect: 60s}\nejection: {panic: 0}\nhealth: {\(check), \(health)}"
        try withSluice(toOrigins: list, workers: 2, route: route) { sluice in
            try waitForState("unhealthy", of: standby, in: sluice)
            try sluice.waitForMetric("sluice_origin_checks_total", ["result": "passed"]) { $0 > 0 }
            try body(sluice) {
                beside = nil
                try waitForState("unhealthy", of: primary, in: sluice)
                beside = try NamedOrigin("p", port: port)
                try waitForState("available", of: standby, in: sluice)
            }
        }
        withExtendedLifetime(beside) {}
    }

    @Test(arguments: ["keep", "close"])
    func `the connections of an origin that turns unhealthy live on or are reset`(policy: String) throws {
        let (primary, standby) = (try Listener(), try Listener())
        let health = "on_unhealthy: \(policy)"
        try withCluster(primary: primary.endpoint, standby: standby.endpoint, health: health) {
            sluice,
            switchOver in
            let pairs = try (0..<6).map { _ in try sluice.connect(to: primary) }
            for pair in pairs { try pair.client.roundTrip(through: pair.server) }
            try switchOver()
            if policy == "close" {
                for pair in pairs { #expect(try pair.client.endsInReset() && pair.server.endsInReset()) }
                for _ in pairs { try sluice.expectClosed("origin_unhealthy") }
            } else {
                for pair in pairs { try pair.client.roundTrip(through: pair.server) }
            }
            let (client, server) = try sluice.connect(to: standby)
            try client.roundTrip(through: server)
            // Who came after the switch is not ended for it.
            try sluice.waitForMetric("sluice_origin_checks_total", ["origin": "\(primary.endpoint)"]) {
                $0 > 5
            }
            try client.roundTrip(through: server)
            #expect(!primary.hasPendingConnection)
        }
    }

    /// Its SYN was answered only once the origin was no primary any more.
    @Test func `a connect that was under way to an origin that turned unhealthy goes elsewhere`() throws {
        let (primary, standby) = (try BlackHole(), try Listener())
        try withCluster(primary: primary.endpoint, standby: standby.endpoint, health: "on_unhealthy: close") {
            sluice,
            switchOver in
            let client = try Peer.connect(to: sluice.listener())
            let labels = ["origin": "\(primary.endpoint)"]
            try sluice.waitForMetric("sluice_origin_connections", labels) { $0 == 1 }
            try switchOver()
            let late = try primary.accept()
            try client.roundTrip(through: standby.accept())
            #expect(try late.receiveToEnd().isEmpty)
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
                let strict = "health: {check: http, status: 201-299, interval: 20ms}"
                try withSluice(to: endpoint, route: strict) { sluice in
                    let reason = try sluice.waitForLog("origin unhealthy").reason?.string
                    #expect(reason == "status 200")
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
