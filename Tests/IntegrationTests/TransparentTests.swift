import Testing

/// The rule sets of deploy/nftables, from a client through the gateway to an origin and back, over IPv4 and IPv6.
@Suite(.serialized, .needs(.nft, .ip, .nsenter, .unshare, .python)) struct TransparentTests {
    private static func configuration(_ original: String, _ more: String = "") -> String {
        """
        admin: off
        workers: 2
        drain: 5s
        log: {format: json}
        routes:
          - name: service
            listen: ":15001"
            to: original
            original: {\(original), allow: ["10.51.2.0/24:5432", "[fd51:2::/64]:5432"]}
            \(more)
        """
    }

    /// Both families, with `seen` by the origin; and Sluice's log says from where to where.
    private func expectRelayed(
        through gateway: Gateway,
        _ configuration: String,
        from host: String = "client",
        clients: [String] = Gateway.clients,
        seen: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let launcher = try gateway.launcher(on: "gateway")
        try gateway.withOrigin {
            try withSluice(configuration: configuration, launcher: launcher) { sluice in
                for (index, origin) in Gateway.origins.enumerated() {
                    #expect(
                        try gateway.exchange(with: origin, from: host) == seen[index],
                        sourceLocation: sourceLocation
                    )
                    let line = try sluice.expectClosed("completed", sourceLocation: sourceLocation)
                    let bracketed = origin.contains(":") ? "[\(origin)]" : origin
                    #expect(line.origin?.string == "\(bracketed):5432", sourceLocation: sourceLocation)
                    #expect(
                        line.client?.string?.contains(clients[index]) == true,
                        sourceLocation: sourceLocation
                    )
                    #expect(line.upstream_bytes?.int == 1 << 20, sourceLocation: sourceLocation)
                }
            }
        }
    }

    @Test(.needsRuleSets("redirect.nft"))
    func `redirected connections go where they wanted to go`() throws {
        try Gateway.with { gateway in
            try gateway.load("redirect.nft")
            let configuration = Self.configuration("via: redirect")
            try expectRelayed(through: gateway, configuration, seen: Gateway.ownAddresses)
        }
    }

    @Test(.needsRuleSets("tproxy.nft"))
    func `connections taken by tproxy go where they wanted to go`() throws {
        try Gateway.with { gateway in
            try gateway.routeMarked()
            try gateway.load("tproxy.nft")
            let configuration = Self.configuration("via: tproxy")
            try expectRelayed(through: gateway, configuration, seen: Gateway.ownAddresses)
        }
    }

    @Test(
        .needsRuleSets("redirect.nft", "tproxy.nft", "source-client.nft"),
        arguments: ["redirect", "tproxy"]
    )
    func `the origin sees the client's own address`(via: String) throws {
        try Gateway.with { gateway in
            try gateway.routeMarked()
            try gateway.load("source-client.nft")
            try gateway.load("\(via).nft")
            let configuration = Self.configuration("via: \(via)", "source: client")
            try expectRelayed(through: gateway, configuration, seen: Gateway.clients)
        }
    }

    /// Sluice's own connections match the rule, too, but for their mark: without it they would come back to it for ever.
    @Test(.needsRuleSets("redirect-local.nft"))
    func `programs on Sluice's own host are relayed, and its own connections are left alone`() throws {
        try Gateway.with { gateway in
            // The other rule sets' routes must not take Sluice's connections for something else.
            try gateway.routeMarked()
            try gateway.load("redirect-local.nft")
            let configuration = Self.configuration("via: redirect", "mark: 2")
            let own = Gateway.ownAddresses
            try expectRelayed(through: gateway, configuration, from: "gateway", clients: own, seen: own)
        }
    }

    @Test(.needsRuleSets("redirect.nft"))
    func `other destinations are refused`() throws {
        try Gateway.with { gateway in
            try gateway.load("redirect.nft")
            let configuration = Self.configuration("via: redirect")
                .replacing("10.51.2.0/24:5432", with: "10.51.2.0/24:6379")
            try gateway.withOrigin {
                try withSluice(configuration: configuration, launcher: gateway.launcher(on: "gateway")) {
                    sluice in
                    #expect(try gateway.exchange(with: "10.51.2.2") == "ConnectionResetError")
                    let line = try sluice.expectClosed("destination_refused")
                    #expect(line.origin?.string == "10.51.2.2:5432")
                    #expect(try gateway.exchange(with: "fd51:2::2") == "fd51:2::1")
                    try sluice.expectClosed("completed")
                }
            }
        }
    }

    /// Whoever was not steered, and connects to the listener itself, must not be relayed to it for ever.
    @Test(.needsRuleSets("redirect.nft", "tproxy.nft"), arguments: ["redirect", "tproxy"])
    func `a connection to the listener itself is refused`(via: String) throws {
        try Gateway.with { gateway in
            let configuration = Self.configuration("via: \(via)")
                .replacing("allow: [", with: "allow: [\"0.0.0.0/0\", \"::/0\", ")
                .replacing(":15001", with: ":5432")
            try withSluice(configuration: configuration, launcher: gateway.launcher(on: "gateway")) {
                sluice in
                for address in ["10.51.1.1", "fd51:1::1"] {
                    #expect(try gateway.exchange(with: address) == "ConnectionResetError")
                    try sluice.expectClosed("destination_refused")
                }
            }
        }
    }

    /// At the start, and not with each connection.
    @Test(
        .needsRuleSets("tproxy.nft"),
        arguments: ["source: client", "mark: 1", "original: {via: tproxy, allow: 0.0.0.0/0}"]
    )
    func `what takes a privilege is refused without it`(key: String) throws {
        let to = key.hasPrefix("original") ? "original" : "127.0.0.1:5432"
        let configuration =
            "routes: [{name: service, listen: '127.0.0.1:1501', to: '\(to)', \(key)}]\nadmin: off\n"
        try withTemporaryDirectory { directory in
            let file = try directory.write(configuration, to: "sluice.yaml")
            let bounds = ["--bounding-set", "-net_admin,-net_raw", "--inh-caps", "-net_admin,-net_raw", "--"]
            let result = try run(
                Tool.setpriv.require(),
                bounds + [SluiceBinary.path, "run", "--config", file]
            )
            #expect(result.status != 0)
            #expect(result.errors.contains("Operation not permitted"), "\(result.errors)")
        }
    }
}
