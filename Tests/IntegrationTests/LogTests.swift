import Glibc
import Testing

@Suite struct LogTests {
    @Test func `the JSON line of a connection's end tells who, how much, how long and why`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "class: cache") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip("1234567", through: server)
            client.close()
            server.close()
            let line = try sluice.expectClosed("completed")
            #expect(line.route?.string == "service")
            #expect(line.member("class")?.string == "cache")
            #expect(line.client?.string?.hasPrefix("127.0.0.1:") == true)
            #expect(line.origin?.string == origin.endpoint.description)
            #expect(line.upstream_bytes?.int == 7)
            #expect(line.downstream_bytes?.int == 7)
            #expect(try #require(line.duration_seconds?.double) > 0)
            #expect(line.retransmitted_bytes?.int == 0)
            #expect(line.id?.int != nil)
            #expect(line.level?.string == "info")
        }
    }

    @Test func `in JSON every line is an object with a message and a level`() throws {
        try withSluice(to: .loopback(Endpoint.freePort())) { sluice in
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("connect_refused")
            for text in sluice.errors.lines {
                let line = try #require(JSONValue(parsing: text), "no JSON: \(text)")
                #expect(line.message?.string != nil)
                #expect(line.level?.string != nil)
            }
        }
    }

    @Test func `the text format tells the same in one line`() throws {
        let origin = try EchoOrigin()
        let port = try Endpoint.freePort()
        let configuration = """
            admin: off
            log: {format: text}
            routes:
              - {name: service, listen: "127.0.0.1:\(port)", to: "\(origin.endpoint)"}
            """
        try withTemporaryDirectory { directory in
            let file = try directory.write(configuration, to: "sluice.yaml")
            try withSluice(arguments: ["run", "--config", file]) { sluice in
                try sluice.waitForText("ready")
                try Peer.connect(to: .loopback(port)).roundTrip("four")
                let line = try sluice.waitForText("connection closed")
                for part in ["service", "completed", "upstream_bytes=4", "downstream_bytes=4"] {
                    #expect(line.contains(part), "\(line)")
                }
            }
        }
    }

    @Test func `a higher level keeps connections out of the log`() throws {
        let origin = try EchoOrigin()
        let port = try Endpoint.freePort()
        let configuration = """
            admin: off
            log: {format: json, level: error}
            routes:
              - {name: service, listen: "127.0.0.1:\(port)", to: "\(origin.endpoint)"}
            """
        try withTemporaryDirectory { directory in
            let file = try directory.write(configuration, to: "sluice.yaml")
            try withSluice(arguments: ["run", "--config", file]) { sluice in
                try waitUntil("the listener") { (try? Peer.connect(to: .loopback(port))) != nil }
                try Peer.connect(to: .loopback(port)).roundTrip()
                sluice.signal(SIGTERM)
                try sluice.expectExit(0)
                #expect(sluice.log == "")
            }
        }
    }
}
