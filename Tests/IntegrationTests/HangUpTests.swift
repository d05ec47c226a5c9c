import Glibc
import Testing

/// A hang-up that nobody can act on yet, and an urgent byte, are told by the kernel as long as they last. A loop that asked again
/// each time would do nothing else.
@Suite struct HangUpTests {
    /// Of this long, it may use half. What spins uses all of it that it gets.
    private static let window = Duration.seconds(2)

    private func expectRest(of sluice: SluiceProcess) throws {
        let (before, start) = (try CPUTime.used(by: sluice.processIdentifier), ContinuousClock.now)
        try waitUntil("some time") { ContinuousClock.now - start > Self.window }
        let used = try CPUTime.used(by: sluice.processIdentifier) - before
        #expect(used < (ContinuousClock.now - start) / 2)
    }

    /// Sends until nothing more is taken, for a while. Returns how much that was.
    private func fill(_ peer: Peer, _ pattern: Pattern) throws -> Int {
        var (sent, refusals) = (0, 0)
        while refusals < 50 {
            let count = try peer.sendWhatFits(pattern, sent..<(sent + Pattern.chunkCeiling))
            sent += count
            refusals = count > 0 ? 0 : refusals + 1
            if count == 0 { usleep(10_000) }
        }
        return sent
    }

    @Test func `an origin on a Unix socket that has closed waits for its slow client`() throws {
        try withTemporaryDirectory { directory in
            let origin = try Listener(on: .unix(path: directory.appendingPathComponent("origin").path))
            try withSluice(to: origin.endpoint, workers: 1) { sluice in
                let client = try Peer.connect(to: sluice.listener(), receiveBuffer: 4096)
                let server = try origin.accept()
                let pattern = Pattern(seed: 9)
                let count = try fill(server, pattern)
                server.close()
                try expectRest(of: sluice)
                try client.receive(pattern, 0..<count)
                try client.expectEnd()
                client.close()
                try sluice.expectClosed("completed")
            }
        }
    }

    @Test func `an urgent byte of a client that waits for a place keeps its own`() throws {
        let origin = try Listener()
        let list = "{address: \"\(origin.endpoint)\", max_connections: 1}"
        try withSluice(toOrigins: list, workers: 1, route: "queue: {length: 1, timeout: 1h}") { sluice in
            let (served, server) = try sluice.connect(to: origin)
            let waiting = try Peer.connect(to: sluice.listener())
            try sluice.waitForMetric("sluice_queued_connections") { $0 == 1 }
            try waiting.send("before ")
            var urgent = UInt8(ascii: "!")
            try SocketError.check("send", Int32(send(waiting.descriptor, &urgent, 1, Int32(MSG_OOB))))
            try waiting.send(" after")
            try expectRest(of: sluice)
            served.close()
            server.close()
            try origin.accept().expect("before ! after")
        }
    }
}
