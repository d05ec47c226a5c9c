/// An origin that sends back what it gets, for any number of clients, each on a thread of its own.
final class EchoOrigin: Sendable {
    let endpoint: Endpoint
    private let listener: Listener

    init(on endpoint: Endpoint = .loopback(0)) throws {
        listener = try Listener(on: endpoint)
        self.endpoint = listener.endpoint
        listener.serve { try Self.echo($0) }
    }

    deinit { listener.close() }

    private static func echo(_ peer: Peer) throws {
        while true {
            let bytes = try peer.receive()
            if bytes.isEmpty { break }
            try peer.send(bytes)
        }
        peer.close()
    }
}

extension Peer {
    /// One message to an echoing origin and back.
    func roundTrip(_ message: String = "ping") throws {
        try send(message)
        try expect(message)
    }

    /// One message through to the other end of the connection, which a test plays, too, and back.
    func roundTrip(_ message: String = "ping", through other: Peer) throws {
        try send(message)
        try other.expect(message)
        try other.send(message)
        try expect(message)
    }

    /// Receives `message` and nothing else.
    func expect(_ message: String) throws {
        let answer = try receive(sameLengthAs: message)
        guard answer == message else {
            throw UnexpectedAnswer(description: "'\(answer)' instead of '\(message)'")
        }
    }
}

struct UnexpectedAnswer: Error, CustomStringConvertible {
    let description: String
}
