import SluiceCore

/// A connection to a service: sends whole requests, and reads answers.
struct ServiceConnection {
    let answers: AnswerReader
    private let socket: BenchSocket
    private let stop: Gate

    /// Nanoseconds for a request to be taken, and for the next bytes of an answer to come.
    private static let patience = 30 * BenchClock.second
    private static let blockBytes = 1 << 16

    /// Throws `BenchError` as `BenchSocket.connect` does.
    init(to target: BenchTarget, within seconds: Double, stop: Gate) throws(BenchError) {
        let socket = try BenchSocket.connect(to: target, within: seconds)
        self.socket = socket
        self.stop = stop
        answers = AnswerReader { () throws(ExchangeError) in try Self.receive(socket, stop) }
    }

    func send(_ bytes: [UInt8]) throws(AnswerError) {
        do throws(ExchangeError) {
            try socket.send(bytes, until: BenchClock.now + Self.patience, unless: stop)
        } catch {
            throw .exchange(error)
        }
    }

    private static func receive(_ socket: BenchSocket, _ stop: Gate) throws(ExchangeError) -> [UInt8] {
        let deadline = BenchClock.now + patience
        var transfer = BenchSocket.Transfer.tick
        while true {
            let bytes = [UInt8](unsafeUninitializedCapacity: blockBytes) { buffer, count in
                transfer = socket.receive(into: UnsafeMutableRawBufferPointer(buffer))
                if case .bytes(let received) = transfer { count = received }
            }
            switch transfer {
            case .bytes: return bytes
            case .endOfFile: throw .closed
            case .failed(let error): throw .failed(error)
            case .tick:
                if stop.isOpen { throw .stopped }
                if BenchClock.now >= deadline { throw .timedOut }
            }
        }
    }
}
