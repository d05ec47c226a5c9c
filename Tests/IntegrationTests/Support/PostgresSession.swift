import Glibc

/// The little of PostgreSQL's protocol 3.0 that a session needs to stay idle and be notified: `psql` prints
/// notifications only after a command.
struct PostgresSession {
    private let peer: Peer

    struct Message: Equatable {
        let type: Character
        let body: [UInt8]
    }

    /// Connects and logs in, without a password.
    init(to endpoint: Endpoint) throws {
        peer = try Peer.connect(to: endpoint)
        let parameters = "user\0\(PostgresServer.user)\0database\0postgres\0\0"
        let protocolVersion: [UInt8] = [0, 3, 0, 0]
        try peer.send(Self.length(of: parameters.utf8.count + 4) + protocolVersion + Array(parameters.utf8))
        try readUntilReady()
    }

    /// Runs one statement to its end.
    func execute(_ statement: String) throws {
        try send(statement)
        try readUntilReady()
    }

    /// Runs one query, and returns the first column of its first row.
    func value(of query: String) throws -> String? {
        try send(query)
        var value: String?
        while true {
            let message = try receive()
            switch message.type {
            case "D" where value == nil:
                // The number of columns, the length of the first, the first.
                let length = message.body[2..<6].reduce(0) { $0 << 8 | Int($1) }
                value = String(decoding: message.body.dropFirst(6).prefix(length), as: UTF8.self)
            case "E": throw UnexpectedAnswer(description: String(decoding: message.body, as: UTF8.self))
            case "Z": return value
            default: break
            }
        }
    }

    var hasInput: Bool { peer.hasInput }

    /// Waits for the next notification; returns its payload.
    func nextNotification() throws -> String {
        while true {
            let message = try receive()
            guard message.type == "A" else { continue }
            // The notifying process's number, the channel, the payload; the last two end in a zero byte.
            return String(decoding: message.body[4...].split(separator: 0)[1], as: UTF8.self)
        }
    }

    private func send(_ statement: String) throws {
        let text = Array(statement.utf8) + [0]
        try peer.send([UInt8(ascii: "Q")] + Self.length(of: text.count) + text)
    }

    private func readUntilReady() throws {
        while true {
            let message = try receive()
            if message.type == "Z" { return }
            if message.type == "E" {
                throw UnexpectedAnswer(description: String(decoding: message.body, as: UTF8.self))
            }
        }
    }

    private func receive() throws -> Message {
        let head = try peer.receive(exactly: 5)
        guard head.count == 5 else { throw StreamEnded(offset: head.count, expected: 5) }
        let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
        return Message(type: Character(UnicodeScalar(head[0])), body: try peer.receive(exactly: length - 4))
    }

    /// A message's length field counts itself, too.
    private static func length(of count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(count + 4).bigEndian) { Array($0) }
    }
}
