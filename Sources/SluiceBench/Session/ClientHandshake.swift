import SluiceCore

/// Opens connections to a bench server, and turns whatever else answers into a clear error.
struct ClientHandshake {
    let target: BenchTarget
    /// Seconds, for the connect and again for the answer.
    let patience: Double

    /// Connects, says what the connection is for, and waits for the server's word on it.
    func open(_ preamble: Preamble, unless stop: Gate) throws(BenchError) -> BenchSocket {
        let socket = try BenchSocket.connect(to: target, within: patience)
        let deadline = BenchClock.now + BenchClock.nanoseconds(patience)
        let bytes: [UInt8]
        do throws(ExchangeError) {
            try socket.send(preamble.bytes, until: deadline, unless: stop)
            bytes = try socket.receive(count: Preamble.byteCount, until: deadline, unless: stop)
        } catch {
            throw explain(error)
        }
        guard let answer = Preamble(bytes) else {
            throw .notABenchServer(target.text, reason: "it answers something else")
        }
        switch answer.status {
        case .ok: return socket
        case .busy: throw .busy(target.text)
        case .versionMismatch:
            throw .versionMismatch(target.text, server: answer.version, client: Preamble.currentVersion)
        case .unknownToken:
            throw .lost(
                "\(target.text) does not know the run that it accepted: do all connections reach one server?"
            )
        }
    }

    private func explain(_ error: ExchangeError) -> BenchError {
        switch error {
        case .closed:
            .notABenchServer(target.text, reason: "it closed the connection without an answer")
        case .failed(let error):
            .notABenchServer(target.text, reason: "it broke the connection (\(error))")
        case .timedOut:
            .notABenchServer(
                target.text,
                reason: "it accepted the connection and was silent for \(patience.trimmed) s"
            )
        case .stopped:
            .stoppedEarly
        }
    }
}
