import Glibc
import Testing

@Suite struct BandwidthTests {
    private static let rate = 1 << 20
    private static let byteCount = 1 << 20

    /// More than the bucket holds, so that most of it has to wait for its time: the rate is a ceiling on any machine.
    private func expectPaced(_ body: () throws -> Void) throws {
        let start = ContinuousClock.now
        try body()
        let atRate = Double(Self.byteCount) / Double(Self.rate)
        #expect(ContinuousClock.now - start >= .seconds(atRate - 0.25 - 0.05))
    }

    @Test(arguments: ["bandwidth", "bandwidth_per_client"])
    func `a limited connection is slower and loses nothing`(limit: String) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "limits: {\(limit): 1M}") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let (up, down) = (Pattern(seed: 1), Pattern(seed: 2))
            try expectPaced {
                let directions = [(client, server, up), (server, client, down)].map { from, to, pattern in
                    [
                        Background {
                            try from.send(pattern, 0..<Self.byteCount)
                            from.closeWrite()
                        },
                        Background {
                            try to.receive(pattern, 0..<Self.byteCount)
                            try to.expectEnd()
                        },
                    ]
                }
                for side in directions.joined() { try side.value() }
            }
            client.close()
            server.close()
            try sluice.expectClosed("completed")
            #expect(try sluice.metrics().sum("sluice_paced_reads_total") > 0)
        }
    }

    /// One limit for all, whatever worker they are on; and everybody's turn comes.
    @Test func `connections share a route's bandwidth`() throws {
        let origin = try Listener()
        let clientCount = 8
        try withSluice(to: origin.endpoint, route: "limits: {bandwidth: 1M}") { sluice in
            let address = try sluice.listener()
            try expectPaced {
                let sides = try (0..<clientCount).map { index in
                    let client = try Peer.connect(to: address)
                    let server = try origin.accept()
                    let (pattern, count) = (Pattern(seed: UInt64(index)), Self.byteCount / clientCount)
                    return [
                        Background {
                            try client.send(pattern, 0..<count)
                            client.closeWrite()
                        },
                        Background {
                            try server.receive(pattern, 0..<count)
                            try server.expectEnd()
                            server.close()
                            try client.expectEnd()
                            client.close()
                        },
                    ]
                }
                for side in sides.joined() { try side.value() }
            }
            for _ in 0..<clientCount { try sluice.expectClosed("completed") }
        }
    }

    /// What a connection had reserved is the others' when it goes.
    @Test func `a limited client that resets leaves the others their turns`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "limits: {bandwidth: 64K}") { sluice in
            let address = try sluice.listener()
            let greedy = try (0..<4).map { _ in
                let client = try Peer.connect(to: address)
                _ = try client.sendWhatFits(Pattern(seed: 1), 0..<(32 << 10))
                return (client, try origin.accept())
            }
            try sluice.waitForMetric("sluice_paced_reads_total") { $0 > 0 }
            for (client, _) in greedy { try client.reset() }
            for _ in greedy { try sluice.expectClosed("client_reset") }
            let next = try Peer.connect(to: address)
            try next.roundTrip(through: origin.accept())
        }
    }
}
