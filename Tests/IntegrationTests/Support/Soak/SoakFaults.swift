import SluiceRandom

/// What goes wrong during a soak, one thing at a time, chosen by a seed. Each waits until its connection is over: one that never
/// ends shows as the patience's end.
struct SoakFaults: Sendable {
    enum Kind: CaseIterable {
        case origin, clientReset, clientLeavesUnread, refusing, silent, slowLoris, halfCloseForEver
    }

    let proxies: [String: Endpoint]

    func cause(_ kind: Kind, _ generator: inout SplitMix64) throws {
        switch kind {
        case .origin: try origin(FaultyOrigin.Fault.allCases.randomElement(using: &generator)!)
        case .clientReset: try clientReset(after: Int.random(in: 0..<300_000, using: &generator))
        case .clientLeavesUnread: try leaveUnread()
        case .refusing: try Peer.expectRejection(at: proxies["refusing"]!)
        case .silent: try Peer.expectRejection(at: proxies["silent"]!)
        case .slowLoris: try drip(bytes: Int.random(in: 1..<50, using: &generator))
        case .halfCloseForEver: try halfClose()
        }
    }

    private func origin(_ fault: FaultyOrigin.Fault) throws {
        let client = try Peer.connect(to: proxies["faulty"]!)
        try client.send([fault.rawValue])
        if fault == .readNothing {
            // A client that gives up on a server that has stopped.
            try? client.send(FaultyOrigin.pattern, 0..<100_000)
            return try client.reset()
        }
        _ = try client.receiveWhatComes(of: FaultyOrigin.pattern)
    }

    private func clientReset(after bytes: Int) throws {
        let client = try Peer.connect(to: proxies["bulk"]!)
        try client.send([0, 0, 0, 7])
        try? client.send(Pattern(seed: 7), 0..<bytes)
        try client.reset()
    }

    /// To close with unread bytes sends a reset, not a FIN (RFC 2525, section 2.17).
    private func leaveUnread() throws {
        let client = try Peer.connect(to: proxies["web"]!)
        try client.send("GET /page HTTP/1.1\r\nHost: nginx\r\n\r\n")
        _ = try client.receive(upTo: 10)
        client.close()
    }

    private func drip(bytes: Int) throws {
        let client = try Peer.connect(to: proxies["cache"]!)
        for byte in "PING\r\n" { try client.send([byte.asciiValue!]) }
        try client.expect("+PONG\r\n")
        for _ in 0..<bytes { try client.send("*") }
        try client.reset()
    }

    private func halfClose() throws {
        let client = try Peer.connect(to: proxies["faulty"]!)
        try client.send([FaultyOrigin.Fault.halfCloseForEver.rawValue])
        try client.receive(FaultyOrigin.pattern, 0..<1000)
        client.closeWrite()
        try client.waitForClose()
    }
}
