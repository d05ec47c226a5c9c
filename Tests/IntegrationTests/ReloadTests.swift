import Foundation
import Testing

@Suite struct ReloadTests {
    /// A configuration file that a test writes anew, and the Sluice that reads it.
    private struct Service {
        let sluice: SluiceProcess
        let directory: URL
        static let fileName = "sluice.yaml"

        func write(_ routes: String, global: String = "", drain: String = "5s") throws {
            let text = ReloadTests.configuration(routes, global: global, drain: drain)
            _ = try directory.write(text, to: Self.fileName)
        }

        /// Asks for a reload and waits until it is applied.
        func reload() throws {
            let before = try sluice.metrics().sum("sluice_configuration_generation")
            sluice.signal(SIGHUP)
            try sluice.waitForMetric("sluice_configuration_generation") { $0 == before + 1 }
            #expect(try sluice.metrics().sum("sluice_configuration_refused") == 0)
        }

        /// Asks for one that is refused; returns the reason that the log tells.
        func expectRefusal() throws -> String {
            let refused = try sluice.metrics().sum("sluice_reloads_total", ["result": "refused"])
            let generation = try sluice.metrics().sum("sluice_configuration_generation")
            sluice.signal(SIGHUP)
            try sluice.waitForMetric("sluice_reloads_total", ["result": "refused"]) { $0 == refused + 1 }
            #expect(try sluice.metrics().sum("sluice_configuration_generation") == generation)
            #expect(try sluice.metrics().sum("sluice_configuration_refused") == 1)
            let line = sluice.errors.lines.compactMap { JSONValue(parsing: $0) }
                .last { $0.message?.string == "reload refused" }
            return try #require(line?.reason?.string)
        }
    }

    private static func configuration(_ routes: String, global: String = "", drain: String = "5s") -> String {
        """
        workers: 2
        drain: \(drain)
        admin: {listen: "127.0.0.1:0"}
        log: {format: json}
        \(global)
        routes:
        \(routes)

        """
    }

    private func withService(_ routes: String, _ body: (Service) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let file = try directory.write(Self.configuration(routes), to: Service.fileName)
            try withSluice(arguments: ["run", "--config", file]) { sluice in
                try sluice.waitForLog("ready")
                try body(Service(sluice: sluice, directory: directory))
            }
        }
    }

    private func changes(of sluice: SluiceProcess) -> [String] {
        sluice.errors.lines.compactMap { JSONValue(parsing: $0) }
            .filter { $0.message?.string == "configuration changed" }
            .map { "\($0.key?.string ?? "") \($0.old?.string ?? "") -> \($0.member("new")?.string ?? "")" }
    }

    @Test func `routes come, change and go, and connections stay`() throws {
        let (first, second) = (try Listener(), try Listener())
        try withService(
            """
            - {name: kept, listen: "127.0.0.1:0", to: "\(first.endpoint)"}
            - {name: gone, listen: "127.0.0.2:0", to: "\(first.endpoint)"}
            """
        ) { service in
            let sluice = service.sluice
            let (kept, gone) = (try sluice.listener(of: "kept"), try sluice.listener(of: "gone"))
            // One after the other: of two workers' connections either may come to the origin first.
            let client = try Peer.connect(to: kept)
            let clientServer = try first.accept()
            let other = try Peer.connect(to: gone)
            let otherServer = try first.accept()
            try client.roundTrip(through: clientServer)

            try service.write(
                """
                - {name: kept, listen: "127.0.0.1:0", to: "\(second.endpoint)", limits: {connections: 7}}
                - {name: new, listen: "127.0.0.3:0", to: "\(first.endpoint)"}
                """,
                global: "max_connections: 100"
            )
            try service.reload()
            // The old connections go on, the one on the route that is gone, too.
            try client.roundTrip(through: clientServer)
            try other.roundTrip(through: otherServer)
            #expect(try sluice.metrics().sum("sluice_connections", ["route": "gone"]) == 1)
            // New ones on the address that stayed go where the new file says.
            let next = try Peer.connect(to: kept)
            try next.roundTrip(through: second.accept())
            let new = try Peer.connect(to: sluice.listener(of: "new"))
            try new.roundTrip(through: first.accept())
            #expect(throws: SocketError(call: "connect", code: ECONNREFUSED)) { try Peer.connect(to: gone) }

            let changes = Set(changes(of: sluice))
            #expect(
                changes == [
                    "max_connections auto -> 100",
                    "routes[kept].to \(first.endpoint) -> \(second.endpoint)",
                    "routes[kept].limits.connections unlimited -> 7",
                    "routes[new] absent -> name: new, listen: 127.0.0.3:0, to: \(first.endpoint)",
                    "routes[gone] name: gone, listen: 127.0.0.2:0, to: \(first.endpoint) -> absent",
                ]
            )
            // The last connection of a route that is gone takes its figures with it.
            other.close()
            otherServer.close()
            try sluice.expectClosed("completed")
            #expect(throws: MissingMetric.self) {
                try sluice.metrics().sum("sluice_connections", ["route": "gone"])
            }
        }
    }

    @Test func `a wrong file is refused whole and named by line and key`() throws {
        let origin = try Listener()
        let route = "- {name: service, listen: \"127.0.0.1:0\", to: \"\(origin.endpoint)\"}"
        try withService(route) { service in
            let address = try service.sluice.listener()
            let client = try Peer.connect(to: address)
            let server = try origin.accept()

            try service.write("- {name: service, listen: \"127.0.0.1:0\", to: \"nowhere\"}\n\(route)")
            let reason = try service.expectRefusal()
            let file = try #require(reason.split(separator: "\n").first)
            #expect(file.contains("\(Service.fileName):7:"))
            #expect(file.contains("routes[0].to: 'nowhere' is not an address"))

            // An address that another one has: nothing of the new file holds, not the route that would have been right.
            let taken = try Listener()
            try service.write(
                """
                - {name: right, listen: "127.0.0.1:0", to: "\(origin.endpoint)"}
                - {name: wrong, listen: "\(taken.endpoint)", to: "\(origin.endpoint)"}
                """
            )
            let inUse = try service.expectRefusal()
            #expect(inUse.contains("\(Service.fileName):8:"))
            #expect(inUse.contains("routes[wrong].listen: bind \(taken.endpoint): Address already in use"))

            // What only a start can change is not taken over by half.
            try service.write(route, global: "memory: 1M")
            let fixed = try service.expectRefusal()
            #expect(fixed.contains("\(Service.fileName):5:"))
            #expect(fixed.contains("memory: a reload cannot change this"))

            try client.roundTrip(through: server)
            try Peer.connect(to: address).roundTrip(through: origin.accept())
            #expect(changes(of: service.sluice).isEmpty)
            // And the next right one is taken.
            try service.write(route, global: "max_connections: 9")
            try service.reload()
            #expect(changes(of: service.sluice) == ["max_connections auto -> 9"])
        }
    }

    @Test func `the log level changes with a reload`() throws {
        let origin = try Listener()
        let route = "- {name: service, listen: \"127.0.0.1:0\", to: \"\(origin.endpoint)\"}"
        try withService(route) { service in
            func connection() throws {
                let client = try Peer.connect(to: service.sluice.listener())
                let server = try origin.accept()
                client.close()
                server.close()
                try service.sluice.waitForMetric("sluice_connections") { $0 == 0 }
            }
            try service.directory.write(
                Self.configuration(route).replacing("{format: json}", with: "{format: json, level: notice}"),
                to: Service.fileName
            )
            try service.reload()
            try connection()
            try service.write(route)
            try service.reload()
            try connection()
            try service.sluice.expectClosed("completed")
            #expect(service.sluice.log.split(separator: "connection closed").count == 2)
        }
    }

    @Test func `without a file there is nothing to reload`() throws {
        let origin = try Listener()
        let arguments = [
            "run", "--listen", "127.0.0.1:0", "--to", "\(origin.endpoint)", "--admin", "127.0.0.1:0",
        ]
        try withSluice(arguments: arguments) { sluice in
            try sluice.waitForText(" ready ")
            sluice.signal(SIGHUP)
            #expect(try sluice.waitForText("reload refused").contains("there is no file to read again"))
        }
    }

    /// Routes change their names, settings and neighbours all the time, and clients see nothing of it.
    @Test func `a storm of reloads under load loses nothing`() throws {
        let origin = try EchoOrigin()
        let bulk = try Listener()
        func routes(_ generation: Int) -> String {
            let name = generation % 3 == 0 ? "service" : "service-\(generation)"
            let extra =
                generation % 2 == 0
                ? "" : "- {name: extra, listen: \"127.0.0.4:0\", to: \"\(origin.endpoint)\"}"
            return """
                - {name: \(name), listen: "127.0.0.2:0", to: "\(origin.endpoint)", ring_ceiling: \(64 + generation)K}
                - {name: bulk, listen: "127.0.0.3:0", to: "\(bulk.endpoint)", limits: {connections: \(generation + 9)}}
                \(extra)
                """
        }
        try withService(routes(0)) { service in
            let address = try service.sluice.listener(of: "service")
            let client = try Peer.connect(to: service.sluice.listener(of: "bulk"))
            let flow = BulkFlow(from: try bulk.accept(), to: client)
            let churn = Churn(to: address)
            for generation in 1...100 {
                try service.write(routes(generation))
                try service.reload()
            }
            #expect(try churn.stop() > 0)
            try flow.stop()
            #expect(flow.receivedBytes > 0)
            let metrics = try service.sluice.metrics()
            #expect(try metrics.sum("sluice_reloads_total", ["result": "refused"]) == 0)
            #expect(try metrics.sum("sluice_configuration_generation") == 101)
            // The listening sockets of the routes that came and went are closed, and their slots used again.
            #expect(metrics.text.split(separator: "sluice_connections{").count <= 5)
        }
    }
}

// What becomes of origins.
extension ReloadTests {
    private func route(_ origins: String, _ more: String = "") -> String {
        "- {name: service, listen: \"127.0.0.1:0\", to: \(origins)\(more)}"
    }

    private func limited(_ origin: Listener) -> String {
        "{address: \"\(origin.endpoint)\", max_connections: 1}"
    }

    @Test func `an origin that stays keeps its connections, and who waits finds a new one`() throws {
        let (old, new) = (try Listener(), try Listener())
        try withService(route("[\(limited(old))]")) { service in
            let sluice = service.sluice
            let served = try Peer.connect(to: sluice.listener())
            let server = try old.accept()
            let waiting = try Peer.connect(to: sluice.listener())
            try sluice.waitForMetric("sluice_queued_connections") { $0 == 1 }

            try service.write(route("[\(limited(old)), \(limited(new))]"))
            try service.reload()
            try waiting.roundTrip(through: new.accept())
            try served.roundTrip(through: server)
            #expect(try sluice.metrics().sum("sluice_origin_connections", ["origin": "\(old.endpoint)"]) == 1)

            // The old one goes, and its connection lives on.
            try service.write(route("\"\(new.endpoint)\""))
            try service.reload()
            try served.roundTrip(through: server)
            let next = try Peer.connect(to: sluice.listener())
            try next.roundTrip(through: new.accept())
            let metrics = try sluice.metrics()
            #expect(!metrics.text.contains("origin=\"\(old.endpoint)\""))
            #expect(try metrics.sum("sluice_origin_connections", ["origin": "\(new.endpoint)"]) == 2)
        }
    }

    /// Their number falls evenly over the window; whoever is silent then is told in order.
    @Test func `the connections of an origin that goes end within a window where that is asked for`() throws {
        let (old, kept) = (try Listener(), try Listener())
        let other = "- {name: other, listen: \"127.0.0.1:0\", to: \"\(kept.endpoint)\"}"
        try withService("\(route("\"\(old.endpoint)\""))\n\(other)") { service in
            let sluice = service.sluice
            let bystander = try Peer.connect(to: sluice.listener(of: "other"))
            let bystanderServer = try kept.accept()
            // The last one is due in the middle of the window: a slow machine has seconds until the deadline.
            let pairs = try (0..<2).map { _ in
                try (client: Peer.connect(to: sluice.listener()), server: old.accept())
            }
            for pair in pairs { try pair.client.roundTrip(through: pair.server) }

            let drain = "{deadline: 10s, window: 9s, removed_origins: close}"
            try service.write("\(route("\"\(kept.endpoint)\""))\n\(other)", drain: drain)
            try service.reload()
            for pair in pairs {
                try pair.client.expectEnd()
                try pair.server.expectEnd()
            }
            for _ in pairs { try sluice.expectClosed("drain_window") }
            try bystander.roundTrip(through: bystanderServer)
            let next = try Peer.connect(to: sluice.listener())
            try next.roundTrip(through: kept.accept())
        }
    }

    /// A route that goes takes its origins with it. No window: what is left at the deadline is reset.
    @Test func `what is left of an origin that goes is reset at the deadline`() throws {
        let (old, kept) = (try Listener(), try Listener())
        let gone = "- {name: gone, listen: \"127.0.0.1:0\", to: \"\(kept.endpoint)\"}"
        try withService("\(route("[\"\(old.endpoint)\", \"\(kept.endpoint)\"]"))\n\(gone)") { service in
            let sluice = service.sluice
            func connect() throws -> (client: Peer, server: Peer, isOld: Bool) {
                let client = try Peer.connect(to: sluice.listener())
                try waitUntil("a connection") { old.hasPendingConnection || kept.hasPendingConnection }
                let isOld = old.hasPendingConnection
                return (client, try (isOld ? old : kept).accept(), isOld)
            }
            let pairs = try (0..<8).map { _ in try connect() }
            let doomed = pairs.filter(\.isOld)
            #expect(!doomed.isEmpty && doomed.count < pairs.count)
            let alsoDoomed = try Peer.connect(to: sluice.listener(of: "gone"))
            let itsServer = try kept.accept()

            let drain = "{deadline: 0s, removed_origins: close}"
            try service.write(route("\"\(kept.endpoint)\""), drain: drain)
            try service.reload()
            for pair in doomed { #expect(try pair.client.endsInReset() && pair.server.endsInReset()) }
            #expect(try alsoDoomed.endsInReset() && itsServer.endsInReset())
            for _ in 0...doomed.count { try sluice.expectClosed("origin_removed") }
            for pair in pairs where !pair.isOld { try pair.client.roundTrip(through: pair.server) }
        }
    }

    @Test func `the file of a Unix socket gets the mode and the group that are configured, by a reload, too`()
        throws
    {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let path = directory.appendingPathComponent("app.sock").path
            func route(_ permissions: String) -> String {
                "- {name: service, listen: {address: \"unix:\(path)\", \(permissions)}, to: \"\(origin.endpoint)\"}"
            }
            func mode() -> UInt32? {
                var status = stat()
                return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
            }
            try withService(route("mode: 0666, group: \(getegid())")) { service in
                #expect(mode() == 0o666)
                let client = try Peer.connect(to: .unix(path: path))
                let server = try origin.accept()
                try client.roundTrip(through: server)

                try service.write(route("mode: 0660"))
                try service.reload()
                #expect(mode() == 0o660)

                try service.write(route("mode: 0600, group: no-such-group"))
                let reason = try service.expectRefusal()
                #expect(
                    reason.contains("routes[service].listen") && reason.contains("no group 'no-such-group'")
                )
                #expect(mode() == 0o660)
                try client.roundTrip(through: server)
            }
        }
    }

    @Test func `a warm pool that stays keeps its connections, and one that goes closes them`() throws {
        let origin = try Listener()
        let pool = ", warm_pool: {max_age: 1h}"
        try withService(route("\"\(origin.endpoint)\"", pool)) { service in
            let sluice = service.sluice
            // Closed at once: it is only to show that somebody comes.
            try Peer.connect(to: sluice.listener()).reset()
            let ends = [try origin.accept(), try origin.accept()]
            try sluice.waitForMetric("sluice_warm_connections") { $0 == 1 }
            try service.write(route("\"\(origin.endpoint)\"", pool + ", limits: {connections: 9}"))
            try service.reload()
            #expect(try sluice.metrics().sum("sluice_warm_connections") == 1)

            try service.write(route("\"\(origin.endpoint)\""))
            try service.reload()
            for end in ends { try end.waitForClose() }
            #expect(!origin.hasPendingConnection)
        }
    }

    @Test func `an origin that goes is checked no more, and one that stays is not checked anew`() throws {
        let (old, kept) = (try Listener(), try Listener())
        let check = ", health: {check: tcp, interval: 10ms}"
        try withService(route("[\"\(old.endpoint)\", \"\(kept.endpoint)\"]", check)) { service in
            let sluice = service.sluice
            func checks(of origin: Listener) throws -> Double {
                try sluice.metrics().sum("sluice_origin_checks_total", ["origin": "\(origin.endpoint)"])
            }
            try waitUntil("checks of both") { try checks(of: old) >= 3 && checks(of: kept) >= 3 }
            let before = try checks(of: kept)

            try service.write(route("\"\(kept.endpoint)\"", check))
            try service.reload()
            #expect(try checks(of: kept) >= before)
            while old.hasPendingConnection { try old.accept().close() }
            let after = try checks(of: kept)
            try waitUntil("more checks of the other") { try checks(of: kept) >= after + 10 }
            #expect(!old.hasPendingConnection)
        }
    }
}
