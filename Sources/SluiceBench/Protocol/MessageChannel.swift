import Foundation

/// Control messages over a socket: a length of four bytes in network byte order, and so many bytes of JSON.
struct MessageChannel: Sendable {
    let socket: BenchSocket
    /// The longest message that is taken from the peer, bytes.
    let limit: Int

    /// A client's messages are small; a server's report carries histograms.
    static let fromClient = 64 << 10
    static let fromServer = 64 << 20

    func send(_ message: ControlMessage, until deadline: UInt64) throws(ExchangeError) {
        try socket.send(Self.encode(message), until: deadline)
    }

    /// Throws `ExchangeError`, or `MessageError` for bytes that are no message.
    func receive(until deadline: UInt64, unless stop: Gate? = nil) throws -> ControlMessage {
        let head = try socket.receive(count: 4, until: deadline, unless: stop)
        let count = try Self.length(head, limit: limit)
        return try Self.decode(socket.receive(count: count, until: deadline, unless: stop))
    }

    static func encode(_ message: ControlMessage) -> [UInt8] {
        // Only a number that JSON cannot express would fail, and plans and reports hold none.
        guard let body = try? JSONEncoder().encode(message) else {
            preconditionFailure("unencodable message")
        }
        return withUnsafeBytes(of: UInt32(body.count).bigEndian) { Array($0) } + body
    }

    /// The length that four bytes announce. Throws when it is 0, or beyond the limit.
    static func length(_ head: [UInt8], limit: Int) throws(MessageError) -> Int {
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard (1...limit).contains(count) else { throw MessageError.length(count, limit: limit) }
        return count
    }

    static func decode(_ body: [UInt8]) throws(MessageError) -> ControlMessage {
        do {
            return try JSONDecoder().decode(ControlMessage.self, from: Data(body))
        } catch {
            throw .unreadable
        }
    }
}

/// The peer sent something that is no message of this protocol.
enum MessageError: Error, Equatable, CustomStringConvertible {
    case length(Int, limit: Int)
    case unreadable
    /// A message, and not one that belongs here.
    case unexpected

    var description: String {
        switch self {
        case .length(let count, let limit): "a message of \(count) bytes, where 1 to \(limit) are allowed"
        case .unreadable: "a message that cannot be read"
        case .unexpected: "a message that does not belong here"
        }
    }
}
