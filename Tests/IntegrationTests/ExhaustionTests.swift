import Foundation
import Testing

/// Nothing is left of something that every connection needs. Those that have theirs go on: see docs/faults.md. Memory has tests
/// of its own (`MemoryCeilingTests`), as have the clients that wait for descriptors (`DescriptorLimitTests`).
@Suite(.serialized) struct ExhaustionTests {
    @Test(.needs(.prlimit)) func `out of descriptors, the open connections go on`() throws {
        let origin = try Listener()
        try withBystanders(
            to: origin.endpoint,
            global: "max_connections: 10000",
            launcher: [Tool.prlimit.require(), "--nofile=80:80"]
        ) { sluice, bystanders in
            let address = try sluice.listener()
            // Without an end of their own, and more than there is room for.
            let clients = try (0..<60).map { _ in try Peer.connect(to: address) }
            try sluice.waitForMetric("sluice_accept_paused_total") { $0 > 0 }
            try sluice.waitForMetric("sluice_accepting_paused") { $0 > 0 }
            try bystanders.expectStreamsToGoOn()
            for client in clients { client.close() }
            for _ in clients {
                let server = try origin.accept()
                try server.expectEnd()
                server.close()
            }
        }
    }

    /// The hop from the route `service` to the route `inner` is the only TCP connection here, and there are ten ports for it.
    @Test(.needs(.unshare, .ip)) func `out of local ports, a connection fails alone`() throws {
        try withTemporaryDirectory { directory in
            let origin = try Listener(on: directory.socket("origin"))
            let inner = "127.0.0.1:9000"
            let fewPorts = """
                ip link set lo up
                echo 40000 40009 > /proc/sys/net/ipv4/ip_local_port_range
                exec "$0" "$@"
                """
            let launcher = [try Tool.unshare.require(), "--map-root-user", "--net", "sh", "-euc", fewPorts]
            try withBystanders(
                listen: "\(directory.socket("service"))",
                to: #require(Endpoint(inner)),
                inDirectory: directory,
                extraRoutes: ["{name: inner, listen: \"\(inner)\", to: \"\(origin.endpoint)\"}"],
                launcher: launcher
            ) { sluice, _ in
                let address = try sluice.listener()
                func connect() throws -> (client: Peer, server: Peer) {
                    (try Peer.connect(to: address), try origin.accept())
                }
                var pairs = try (0..<10).map { _ in try connect() }
                try Peer.expectRejection(at: address)
                try sluice.expectEnds(1, "connect_failed")
                for (client, server) in pairs { try client.roundTrip(through: server) }

                // A port that is free again is used again. The origin ends first: whoever does keeps its port for a minute
                // (TIME_WAIT).
                let last = pairs.removeLast()
                last.server.close()
                try last.client.expectEnd()
                last.client.close()
                try sluice.expectEnds(1, "completed")
                let next = try connect()
                try next.client.roundTrip(through: next.server)
            }
        }
    }
}
