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
            try withSluice(to: name, global: "dns: {refresh: 100ms}", launcher: hosts.launcher()) { sluice in
                let first = try Peer.connect(to: sluice.listener())
                let firstServer = try old.accept()
                try first.roundTrip(through: firstServer)

                try hosts.rewrite("127.0.0.2 moving.test\n")
                try waitUntil("a connection to the new address") {
                    let client = try Peer.connect(to: sluice.listener())
                    try waitUntil("a connection") { old.hasPendingConnection || new.hasPendingConnection }
                    let hasMoved = new.hasPendingConnection
                    try client.roundTrip(through: (hasMoved ? new : old).accept())
                    return hasMoved
                }
                try first.roundTrip(through: firstServer)
            }
        }
    }

    @Test func `a name that stops resolving keeps its last addresses`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let hosts = try HostsFile("127.0.0.1 vanishing.test\n", in: directory)
            let name = Endpoint.tcp(host: "vanishing.test", port: origin.endpoint.port)
            try withSluice(to: name, global: "dns: {refresh: 100ms}", launcher: hosts.launcher()) { sluice in
                try Peer.connect(to: sluice.listener()).roundTrip(through: origin.accept())
                try hosts.rewrite("# nothing\n")
                for _ in 0..<20 {
                    let client = try Peer.connect(to: sluice.listener())
                    try client.roundTrip(through: origin.accept())
                }
            }
        }
    }
}
