import Foundation
import Testing

/// Several origins behind one route. One worker, where the order of the choices is looked at.
@Suite struct OriginsTests {
    /// Sends `count` connections, one after the other, each of which says what the origin that it came to is called.
    private func visit(_ proxy: Endpoint, times count: Int) throws -> [String] {
        try (0..<count).map { _ in
            let client = try Peer.connect(to: proxy)
            return String(decoding: try client.receive(exactly: 1), as: UTF8.self)
        }
    }

    private func list(_ origins: [NamedOrigin]) -> String {
        "[\(origins.map { "\"\($0.endpoint)\"" }.joined(separator: ", "))]"
    }

    @Test func `round robin deals out by weight`() throws {
        let origins = try ["a", "b", "c"].map { try NamedOrigin($0) }
        let list =
            "[{address: \"\(origins[0].endpoint)\", weight: 2}, \"\(origins[1].endpoint)\", \"\(origins[2].endpoint)\"]"
        try withSluice(toOrigins: list, workers: 1) { sluice in
            let visits = try visit(sluice.listener(), times: 40)
            for start in stride(from: 0, to: 40, by: 4) {
                #expect(visits[start..<start + 4].sorted() == ["a", "a", "b", "c"])
            }
            let made = try sluice.metrics().sum(
                "sluice_origin_connects_total",
                ["origin": "\(origins[0].endpoint)"]
            )
            #expect(made == 20)
        }
    }

    @Test func `least connections looks at all workers`() throws {
        let origins = try [Listener(), Listener()]
        let list = "[\"\(origins[0].endpoint)\", \"\(origins[1].endpoint)\"]"
        try withSluice(toOrigins: list, workers: 2, route: "balance: least_connections") { sluice in
            var open: [Peer] = []
            for made in 1...20 {
                let client = try Peer.connect(to: sluice.listener())
                try waitUntil("a connection") { origins.contains(where: \.hasPendingConnection) }
                let server = try origins.first(where: \.hasPendingConnection)!.accept()
                try client.roundTrip(through: server)
                open += [client, server]
                let counts = try origins.map {
                    try sluice.metrics().sum("sluice_origin_connections", ["origin": "\($0.endpoint)"])
                }
                #expect(counts.reduce(0, +) == Double(made) && abs(counts[0] - counts[1]) <= 1)
            }
        }
    }

    @Test func `least rtt prefers the one that answers sooner`() throws {
        let near = try NamedOrigin("n")
        // Its SYNs are dropped, as by a host far away; every attempt there costs its share of the time.
        let far = try BlackHole()
        let list = "[\"\(far.endpoint)\", \"\(near.endpoint)\"]"
        let route = "balance: least_rtt\nejection: off\ntimeouts: {connect: 600ms}"
        try withSluice(toOrigins: list, workers: 1, route: route) { sluice in
            #expect(try visit(sluice.listener(), times: 30) == [String](repeating: "n", count: 30))
            let tried = try sluice.metrics().sum(
                "sluice_origin_connect_failures_total",
                ["origin": "\(far.endpoint)"]
            )
            // The first connection, and perhaps one that explored.
            #expect(tried >= 1 && tried <= 4)
        }
    }

    // MARK: Faults

    @Test func `an origin that refuses costs no client anything`() throws {
        let origins = try [NamedOrigin("a"), NamedOrigin("b")]
        let refusing = try Endpoint.loopback(Endpoint.freePort())
        let list = "[\"\(refusing)\", \(self.list(origins).dropFirst())"
        try withSluice(toOrigins: list, workers: 1, route: "ejection: {time: 1h, max_time: 1h}") { sluice in
            let visits = try visit(sluice.listener(), times: 30)
            #expect(Set(visits) == ["a", "b"])
            // Three refusals, and it is left out.
            let labels = ["origin": "\(refusing)"]
            let metrics = try sluice.metrics()
            #expect(try metrics.sum("sluice_origin_connect_failures_total", labels) == 3)
            #expect(try metrics.sum("sluice_origin_ejections_total", labels) == 1)
            #expect(try metrics.sum("sluice_origin_state", labels.merging(["state": "ejected"]) { $1 }) == 1)
            try sluice.waitForLog("origin ejected")
        }
    }

    @Test func `an origin that black-holes costs a share of the connect time`() throws {
        let origin = try NamedOrigin("a")
        let blackHole = try BlackHole()
        let list = "[\"\(blackHole.endpoint)\", \"\(origin.endpoint)\"]"
        try withSluice(toOrigins: list, workers: 1, route: "timeouts: {connect: 600ms}") { sluice in
            #expect(try visit(sluice.listener(), times: 10) == [String](repeating: "a", count: 10))
            let ejections = try sluice.metrics().sum(
                "sluice_origin_ejections_total",
                ["origin": "\(blackHole.endpoint)"]
            )
            #expect(ejections >= 1)
        }
    }

    /// It accepts and throws away: no connect ever fails there.
    @Test func `an origin that resets what it accepts is ejected`() throws {
        let origin = try NamedOrigin("a")
        let broken = try Listener()
        let list = "[\"\(broken.endpoint)\", \"\(origin.endpoint)\"]"
        try withSluice(toOrigins: list, workers: 1) { sluice in
            let proxy = try sluice.listener()
            for _ in 0..<3 {
                let client = try Peer.connect(to: proxy)
                try broken.accept().reset()
                // A reset, unless it came so early that there still was time for the other origin.
                if let answer = try? client.receive(exactly: 1) { #expect(answer == [UInt8(ascii: "a")]) }
                #expect(try visit(proxy, times: 1) == ["a"])
            }
            #expect(try visit(proxy, times: 6) == [String](repeating: "a", count: 6))
            try sluice.waitForLog("origin ejected")
        }
    }

    @Test func `an ejected origin comes back`() throws {
        let origin = try NamedOrigin("a")
        let port = try Endpoint.freePort()
        let list = "[\"127.0.0.1:\(port)\", \"\(origin.endpoint)\"]"
        let route = "ejection: {failures: 1, time: 100ms, max_time: 100ms}"
        try withSluice(toOrigins: list, workers: 1, route: route) { sluice in
            let proxy = try sluice.listener()
            #expect(try visit(proxy, times: 4) == ["a", "a", "a", "a"])
            let late = try NamedOrigin("b", port: port)
            try waitUntil("a connection to the origin that is back") { try visit(proxy, times: 1) == ["b"] }
            withExtendedLifetime(late) {}
        }
    }

    @Test func `when all are down all are tried and the client is told`() throws {
        let list = try "[\"127.0.0.1:\(Endpoint.freePort())\", \"127.0.0.1:\(Endpoint.freePort())\"]"
        try withSluice(toOrigins: list, workers: 1, route: "ejection: {failures: 1, time: 1h, max_time: 1h}")
        {
            sluice in
            for _ in 0..<4 {
                try Peer.expectRejection(at: sluice.listener())
                try sluice.expectClosed("connect_refused")
            }
            #expect(try sluice.metrics().sum("sluice_origin_connect_failures_total") == 8)
        }
    }

    // MARK: Limits

    @Test func `an origin's limit holds over all workers`() throws {
        let origin = try Listener()
        let list = "{address: \"\(origin.endpoint)\", max_connections: 2}"
        try withSluice(toOrigins: list, workers: 2, route: "queue: off") { sluice in
            let proxy = try sluice.listener()
            let pairs = try (0..<2).map { _ in try sluice.connect(to: origin) }
            try Peer.expectRejection(at: proxy)
            try sluice.expectClosed("origin_limit")
            pairs[0].client.close()
            pairs[0].server.close()
            try sluice.expectClosed("completed")
            let next = try Peer.connect(to: proxy)
            try next.roundTrip(through: origin.accept())
        }
    }

    /// Over two workers, because the queue is one.
    @Test func `who finds no place waits for it in the order of coming`() throws {
        let origin = try Listener()
        let list = "{address: \"\(origin.endpoint)\", max_connections: 1}"
        try withSluice(toOrigins: list, workers: 2) { sluice in
            let proxy = try sluice.listener()
            var clients: [Peer] = []
            for index in 0..<8 {
                let client = try Peer.connect(to: proxy)
                try client.send([UInt8(index)])
                clients.append(client)
                try sluice.waitForMetric("sluice_queued_connections") { $0 == Double(index) }
            }
            #expect(try sluice.connections().count { $0.state?.string == "queued" } == 7)
            for index in 0..<8 {
                let server = try origin.accept()
                #expect(try server.receive(exactly: 1) == [UInt8(index)])
                #expect(!origin.hasPendingConnection)
                clients[index].close()
                server.close()
                try sluice.expectClosed("completed")
            }
            #expect(try sluice.metrics().sum("sluice_queue_seconds_count") == 7)
        }
    }

    @Test func `a full queue and a long wait end in a reset`() throws {
        let origin = try Listener()
        let list = "{address: \"\(origin.endpoint)\", max_connections: 1}"
        try withSluice(toOrigins: list, workers: 1, route: "queue: {length: 1, timeout: 2s}") { sluice in
            let proxy = try sluice.listener()
            let served = try Peer.connect(to: proxy)
            let server = try origin.accept()
            let waiting = try Peer.connect(to: proxy)
            try Peer.expectRejection(at: proxy)
            try sluice.expectClosed("origin_limit")
            #expect(throws: SocketError.self) { try waiting.receive(exactly: 1) }
            try sluice.expectClosed("queue_timeout")
            try served.roundTrip(through: server)
        }
    }

    @Test func `a client that resets gives up its place in the queue`() throws {
        let origin = try Listener()
        let list = "{address: \"\(origin.endpoint)\", max_connections: 1}"
        try withSluice(toOrigins: list, workers: 1, route: "queue: {length: 1, timeout: 1h}") { sluice in
            let proxy = try sluice.listener()
            let served = try Peer.connect(to: proxy)
            let server = try origin.accept()
            try Peer.connect(to: proxy).reset()
            try sluice.expectClosed("client_reset")
            let next = try Peer.connect(to: proxy)
            try sluice.waitForMetric("sluice_queued_connections") { $0 == 1 }
            served.close()
            server.close()
            try next.roundTrip(through: origin.accept())
        }
    }

    /// A Unix socket's hang-up comes without an error.
    @Test func `a client on a Unix socket that closes gives up its place in the queue`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let path = directory.appendingPathComponent("service").path
            let configuration = """
                workers: 1
                admin: {listen: "127.0.0.1:0"}
                log: {format: json}
                routes:
                  - name: service
                    listen: "unix:\(path)"
                    to: {address: "\(origin.endpoint)", max_connections: 1}
                    queue: {length: 1, timeout: 1h}
                """
            try withSluice(configuration: configuration) { sluice in
                let served = try Peer.connect(to: .unix(path: path))
                try served.roundTrip(through: origin.accept())
                try Peer.connect(to: .unix(path: path)).close()
                try sluice.expectClosed("client_reset")
            }
        }
    }

    // MARK: Draining one

    @Test func `a drained origin keeps its connections and gets no others, through a reload, too`() throws {
        let (first, second) = (try Listener(), try Listener())
        let list = "[\"\(first.endpoint)\", \"\(second.endpoint)\"]"
        try withSluice(toOrigins: list, workers: 2, route: "balance: least_connections", admin: "write: true")
        {
            sluice in
            let admin = try sluice.admin()
            let target = "/origins?route=service&origin=\(first.endpoint)"
            let before = try Peer.connect(to: sluice.listener())
            try waitUntil("a connection") { first.hasPendingConnection || second.hasPendingConnection }
            let server = try (first.hasPendingConnection ? first : second).accept()
            try before.roundTrip(through: server)

            #expect(try httpRequest("PUT", target, from: admin, body: "drained").status == 200)
            var others: [Peer] = []
            for _ in 0..<4 {
                let (client, server) = try sluice.connect(to: second)
                try client.roundTrip(through: server)
                others += [client, server]
            }
            #expect(!first.hasPendingConnection)
            sluice.signal(SIGHUP)
            try sluice.waitForMetric("sluice_configuration_generation") { $0 == 2 }
            let labels = ["origin": "\(first.endpoint)", "state": "drained"]
            #expect(try sluice.metrics().sum("sluice_origin_state", labels) == 1)
            try before.roundTrip(through: server)

            #expect(try httpRequest("PUT", target, from: admin, body: "serving").status == 200)
            let (next, nextServer) = try sluice.connect(to: first)
            try next.roundTrip(through: nextServer)
            withExtendedLifetime(others) {}
        }
    }

    @Test func `an operator closes the connections of one origin`() throws {
        let (first, second) = (try Listener(), try Listener())
        let list = "[\"\(first.endpoint)\", \"\(second.endpoint)\"]"
        let route = "balance: least_connections"
        try withSluice(toOrigins: list, workers: 2, route: route, admin: "write: true") { sluice in
            let pairs = try (0..<4).map { _ in
                let client = try Peer.connect(to: sluice.listener())
                try waitUntil("a connection") { first.hasPendingConnection || second.hasPendingConnection }
                let isFirst = first.hasPendingConnection
                let server = try (isFirst ? first : second).accept()
                try client.roundTrip(through: server)
                return (client: client, server: server, isFirst: isFirst)
            }
            #expect(pairs.count(where: \.isFirst) == 2)
            let (admin, target) = (try sluice.admin(), "/connections?origin=\(first.endpoint)")
            let listed = try JSONValue(parsing: httpGet(target, from: admin).body)?.array
            #expect(listed?.count == 2)
            #expect(try httpRequest("DELETE", target, from: admin).body == "{\"closed\":2}\n")
            for pair in pairs {
                if pair.isFirst {
                    #expect(try pair.client.endsInReset() && pair.server.endsInReset())
                    try sluice.expectClosed("closed_by_operator")
                } else {
                    try pair.client.roundTrip(through: pair.server)
                }
            }
        }
    }

    @Test func `with every origin drained a client is told at once`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, admin: "write: true") { sluice in
            let target = "/origins?route=service&origin=\(origin.endpoint)"
            #expect(try httpRequest("PUT", target, from: sluice.admin(), body: "drained").status == 200)
            try Peer.expectRejection(at: sluice.listener())
            try sluice.expectClosed("no_origin")
        }
    }

    /// An origin that awaits PROXY headers awaits one of a health check, too.
    @Test func `a health check introduces itself as the connections do`() throws {
        let origin = try Listener()
        let route = "send_proxy: v1\nhealth: {check: send_expect, send: PING, expect: PONG}"
        try withSluice(to: origin.endpoint, workers: 1, route: route) { sluice in
            let check = try origin.accept()
            let greeting = "PROXY UNKNOWN\r\nPING"
            #expect(try check.receive(exactly: greeting.utf8.count) == Array(greeting.utf8))
            try check.send("PONG")
            try sluice.waitForMetric("sluice_origin_checks_total", ["result": "passed"]) { $0 == 1 }
        }
    }
}
