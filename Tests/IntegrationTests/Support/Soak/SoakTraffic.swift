/// What the healthy clients of a soak do, a session at a time. Whatever is not as it should be is thrown.
struct SoakTraffic: Sendable {
    let proxies: [String: Endpoint]
    let seed: UInt64

    /// A session by name, and how many clients do it again and again.
    var sessions: [(name: String, clients: Int, session: @Sendable (_ number: Int) throws -> Void)] {
        [
            ("cache", 3, { try cache($0) }),
            ("database", 2, { try database($0) }),
            ("web", 2, { try web($0) }),
            ("bulk", 3, { try bulk($0) }),
        ]
    }

    private func cache(_ number: Int) throws {
        let client = try Peer.connect(to: proxies["cache"]!)
        for round in 0..<50 {
            let value =
                "\(number):\(round):" + String(repeating: "v", count: (number &* 31 &+ round &* 977) % 8000)
            try client.sendCommand("SET", "soak:\(number)", value)
            try client.expect("+OK\r\n")
            try client.sendCommand("GET", "soak:\(number)")
            try client.expect("$\(value.utf8.count)\r\n\(value)\r\n")
        }
        try client.sendCommand("DEL", "soak:\(number)")
        try client.expect(":1\r\n")
        client.closeWrite()
        try client.expectEnd()
    }

    private func database(_ number: Int) throws {
        let session = try PostgresSession(to: proxies["database"]!)
        for round in 0..<10 {
            let text = "\(number)-\(round)-"
            let query = "SELECT repeat('\(text)', \(1 + round * 300))"
            guard try session.value(of: query) == String(repeating: text, count: 1 + round * 300) else {
                throw UnexpectedAnswer(description: "not the answer to \(query)")
            }
        }
    }

    private func web(_ number: Int) throws {
        let client = try Peer.connect(to: proxies["web"]!)
        try client.send("GET /page HTTP/1.1\r\nHost: nginx\r\nConnection: close\r\n\r\n")
        let answer = try client.receiveToEnd()
        guard answer.starts(with: "HTTP/1.1 200 OK\r\n".utf8), answer.count > SoakRoutes.pageBytes else {
            throw StreamEnded(offset: answer.count, expected: SoakRoutes.pageBytes)
        }
        try answer.suffix(SoakRoutes.pageBytes).withUnsafeBytes { try SoakRoutes.page.check($0, at: 0) }
    }

    private func bulk(_ number: Int) throws {
        let seed = UInt32(truncatingIfNeeded: seed &* 0x9E37_79B9 &+ UInt64(number) &* 2)
        try ExchangeOrigin.exchange(through: proxies["bulk"]!, seed: seed)
    }
}
