import SluiceRandom
import Testing

/// Ends in unusual orders: each must free the connection, and lose nothing that was sent before.
@Suite struct CloseOrderTests {
    @Test func `an origin that accepts and closes at once`() throws {
        try withSluice { sluice, origin in
            let client = try Peer.connect(to: sluice.listener())
            try origin.accept().close()
            try client.expectEnd()
            client.close()
            try sluice.expectClosed("completed")
        }
    }

    @Test func `an origin that sends, then closes at once`() throws {
        try withSluice { sluice, origin in
            let (client, server) = try sluice.connect(to: origin)
            try server.send("bye")
            server.close()
            #expect(try client.receiveToEnd() == Array("bye".utf8))
            client.close()
            try sluice.expectClosed("completed")
        }
    }

    @Test func `a client that sends and closes before the origin has accepted`() throws {
        try withSluice { sluice, origin in
            let client = try Peer.connect(to: sluice.listener())
            try client.send("fire and forget")
            client.close()
            let server = try origin.accept()
            #expect(try server.receiveToEnd() == Array("fire and forget".utf8))
            server.close()
            try sluice.expectClosed("completed")
        }
    }

    @Test func `both sides end at the same time`() throws {
        try withSluice { sluice, origin in
            let (client, server) = try sluice.connect(to: origin)
            client.closeWrite()
            server.closeWrite()
            try client.expectEnd()
            try server.expectEnd()
            try sluice.expectClosed("completed")
        }
    }

    @Test func `a connection that never carries a byte`() throws {
        try withSluice { sluice, origin in
            let (client, server) = try sluice.connect(to: origin)
            client.close()
            try server.expectEnd()
            server.close()
            let line = try sluice.expectClosed("completed")
            #expect(line.upstream_bytes?.int == 0)
            #expect(line.downstream_bytes?.int == 0)
        }
    }

    @Test func `the connections end in another order than they began`() throws {
        try withSluice { sluice, origin in
            var pairs: [(client: Peer, server: Peer)] = []
            for index in 0..<20 {
                let (client, server) = try sluice.connect(to: origin)
                try client.roundTrip("number \(index)", through: server)
                pairs.append((client, server))
            }
            var generator = SplitMix64(seed: 3)
            for pair in pairs.shuffled(using: &generator) {
                let (first, second) =
                    Bool.random(using: &generator) ? (pair.client, pair.server) : (pair.server, pair.client)
                first.close()
                try second.expectEnd()
                second.close()
                try sluice.expectClosed("completed")
            }
            try sluice.waitForMetric("sluice_connections") { $0 == 0 }
        }
    }
}
