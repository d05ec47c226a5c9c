import Testing

/// Names with an IPv6 and an IPv4 address, and names that change.
@Suite(.needsHostsFile) struct NameResolutionTests {
    private static let twoAddresses = "::1 both.test\n127.0.0.1 both.test\n"

    @Test(.needsIPv6, arguments: ["127.0.0.1", "::1"])
    func `every address of a name is tried`(host: String) throws {
        let origin = try Listener(host: host)
        try withTemporaryDirectory { directory in
            let hosts = try HostsFile(Self.twoAddresses, in: directory)
            let name = Endpoint.tcp(host: "both.test", port: origin.endpoint.port)
            try withSluice(to: name, launcher: hosts.launcher()) { sluice in
                for _ in 0..<3 {
                    let client = try Peer.connect(to: sluice.listener())
                    try client.roundTrip(through: origin.accept())
                }
            }
        }
    }

    @Test(.needsIPv6) func `a name of which every address refuses`() throws {
        try withTemporaryDirectory { directory in
            let hosts = try HostsFile(Self.twoAddresses, in: directory)
            let name = Endpoint.tcp(host: "both.test", port: try Endpoint.freePort())
            try withSluice(to: name, launcher: hosts.launcher()) { sluice in
                try Peer.expectRejection(at: sluice.listener())
                try sluice.expectClosed("connect_refused")
            }
        }
    }

    @Test func `a name that moves is followed, and live connections stay`() throws {
        let old = try Listener(host: "127.0.0.1")
        let new = try Listener(host: "127.0.0.2", port: old.endpoint.port)
        try withTemporaryDirectory { directory in
            let hosts = try HostsFile("127.0.0.1 moving.test\n", in: directory)
            let name = Endpoint.tcp(host: "moving.test", port: old.endpoint.port)
            try withSluice(to: name, global: "dns: {refresh: 1s}", launcher: hosts.launcher()) { sluice in
                let first = try Peer.connect(to: sluice.listener())
                let firstServer = try old.accept()
                try first.roundTrip(through: firstServer)

                try hosts.rewrite("127.0.0.2 moving.test\n")
                try waitUntil("a connection to the new address") {
                    try Self.arrives(at: new, otherwise: old, through: sluice.listener())
                }
                try first.roundTrip(through: firstServer)
            }
        }
    }

    /// Also where nobody connects meanwhile: after a fail-over the clients' pools hold what they have.
    @Test func `connections to an address that a name has lost are reset where that is asked for`() throws {
        let old = try Listener(host: "127.0.0.1")
        let new = try Listener(host: "127.0.0.2", port: old.endpoint.port)
        try withTemporaryDirectory { directory in
            let hosts = try HostsFile("127.0.0.1 moving.test\n", in: directory)
            let name = Endpoint.tcp(host: "moving.test", port: old.endpoint.port)
            let dns = "dns: {refresh: 1s, removed_addresses: close}"
            try withSluice(to: name, workers: 1, global: dns, launcher: hosts.launcher()) { sluice in
                let (client, server) = try sluice.connect(to: old)
                try client.roundTrip(through: server)
                try hosts.rewrite("127.0.0.2 moving.test\n")
                #expect(try client.endsInReset() && server.endsInReset())
                try sluice.expectClosed("origin_removed")
                let next = try Peer.connect(to: sluice.listener())
                try next.roundTrip(through: new.accept())
            }
        }
    }

    /// A name server that is down costs nothing to an origin that was found before. One worker: each asks for itself.
    ///
    /// That the second name is followed shows that the first one's time is up as well.
    @Test func `a name that stops resolving keeps its last addresses`() throws {
        let origin = try Listener(host: "127.0.0.1")
        let moved = try Listener(host: "127.0.0.2", port: origin.endpoint.port)
        try withTemporaryDirectory { directory in
            let hosts = try HostsFile("127.0.0.1 vanishing.test moving.test\n", in: directory)
            let configuration = """
                workers: 1
                admin: off
                log: {format: json}
                drain: 5s
                dns: {refresh: 1s}
                routes:
                  - {name: vanishing, listen: "127.0.0.1:0", to: "vanishing.test:\(origin.endpoint.port)"}
                  - {name: moving, listen: "127.0.0.1:0", to: "moving.test:\(origin.endpoint.port)"}
                """
            try withSluice(configuration: configuration, launcher: hosts.launcher()) { sluice in
                let vanishing = try sluice.listener(of: "vanishing")
                let moving = try sluice.listener(of: "moving")
                for address in [vanishing, moving] {
                    let client = try Peer.connect(to: address)
                    try client.roundTrip(through: origin.accept())
                }
                try hosts.rewrite("127.0.0.2 moving.test\n")
                try waitUntil("the other name to be followed") {
                    try Self.arrives(at: moved, otherwise: origin, through: moving)
                }
                for _ in 0..<50 {
                    let client = try Peer.connect(to: vanishing)
                    try client.roundTrip(through: origin.accept())
                }
            }
        }
    }

    /// Makes a connection, and says which of two origins it went to.
    private static func arrives(
        at expected: Listener,
        otherwise other: Listener,
        through proxy: Endpoint
    ) throws -> Bool {
        let client = try Peer.connect(to: proxy)
        try waitUntil("a connection") { expected.hasPendingConnection || other.hasPendingConnection }
        let hasArrived = expected.hasPendingConnection
        try client.roundTrip(through: (hasArrived ? expected : other).accept())
        return hasArrived
    }
}
