/// Clients that connect, have some bytes echoed and checked, and leave, one after the other, until they are stopped.
final class Churn: Sendable {
    private let clients: Repeating

    init(to address: Endpoint) {
        clients = Repeating(threads: 3) { thread, round in
            let client = try Peer.connect(to: address)
            let pattern = Pattern(seed: UInt64(thread * 1000 + round))
            try client.send(pattern, 0..<20_000)
            try client.receive(pattern, 0..<20_000)
            client.closeWrite()
            try client.expectEnd()
            client.close()
        }
    }

    var servedCount: Int { clients.count }

    /// Returns how many were served; throws if one was not, or got other bytes.
    func stop() throws -> Int { try clients.stop() }
}
