import SluiceCore

/// Connections one after the other: how long the handshake takes, and how long until the server's first byte.
struct ConnectLoop {
    let target: BenchTarget
    let token: SessionToken
    let run: RunState

    /// A connect that takes longer has failed.
    private static let patience = 5.0
    /// After a failure: what refuses connections would only be flooded.
    private static let pause: UInt64 = 10_000_000

    func runLoad() {
        run.begin.wait()
        while !run.isOver {
            if connectOnce() { continue }
            run.recorders.count(.failures)
            BenchClock.sleep(until: BenchClock.now + Self.pause, unless: run.stop)
        }
    }

    /// Returns whether the server answered.
    private func connectOnce() -> Bool {
        let start = BenchClock.now
        let deadline = start + BenchClock.nanoseconds(Self.patience)
        guard let socket = try? BenchSocket.connect(to: target, within: Self.patience) else { return false }
        run.recorders.record(.connect, .whole, BenchClock.now - start)
        guard (try? socket.send(Preamble(kind: .connect, token: token).bytes, until: deadline)) != nil,
            let answer = try? socket.receive(count: Preamble.byteCount, until: deadline),
            Preamble(answer)?.status == .ok
        else { return false }
        run.recorders.record(.firstByte, .whole, BenchClock.now - start)
        // The server closes first: the client's ports would run out, each in TIME_WAIT for a minute.
        _ = try? socket.receive(count: 1, until: deadline)
        run.recorders.count(.connects)
        return true
    }
}
