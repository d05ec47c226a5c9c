/// A message of PostgreSQL's protocol 3.0 from the server: a type, and a body whose fields are taken in turn.
/// Source: PostgreSQL's documentation, "Message Formats".
struct PostgresMessage {
    let type: Character
    private var body: ArraySlice<UInt8>

    /// Far more than any row that the bench asks for.
    static let largest = 1 << 24

    /// Waits for the whole message.
    init(from reader: AnswerReader) throws(AnswerError) {
        let byte = try reader.byte()
        type = Character(UnicodeScalar(byte))
        let length = Self.integer(try reader.bytes(4))
        guard (0x41...0x7A).contains(byte), (4...Self.largest).contains(length) else {
            throw .malformed("a message of type \(quoted([byte])) and \(length) bytes")
        }
        body = try reader.bytes(length - 4)[...]
    }

    /// The next two bytes.
    mutating func int16() throws(AnswerError) -> Int { Self.integer(try take(2)) }

    /// The next four bytes, with their sign.
    mutating func int32() throws(AnswerError) -> Int {
        Int(Int32(truncatingIfNeeded: Self.integer(try take(4))))
    }

    mutating func take(_ count: Int) throws(AnswerError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= body.count else { throw .malformed("a message '\(type)' ends in a field") }
        defer { body = body.dropFirst(count) }
        return body.prefix(count)
    }

    /// The next bytes up to a zero.
    mutating func string() throws(AnswerError) -> String {
        guard let end = body.firstIndex(of: 0) else {
            throw .malformed("a message '\(type)' ends in a string")
        }
        defer { body = body[(end + 1)...] }
        return String(decoding: body[..<end], as: UTF8.self)
    }

    /// The first column of a DataRow as text. `nil` when it is null, or when there is none.
    mutating func firstColumn() throws(AnswerError) -> [UInt8]? {
        guard try int16() > 0 else { return nil }
        let length = try int32()
        return length < 0 ? nil : Array(try take(length))
    }

    /// What an ErrorResponse says, and whether the session ends with it.
    mutating func failure() throws(AnswerError) -> (error: AnswerError, isFatal: Bool) {
        var fields: [UInt8: String] = [:]
        while case let code = try take(1).first, let code, code != 0 { fields[code] = try string() }
        let state = fields[UInt8(ascii: "C")] ?? ""
        let text = "\(fields[UInt8(ascii: "M")] ?? "no message") (SQLSTATE \(state))"
        // The severity that is never translated (since 9.6).
        let isFatal = ["FATAL", "PANIC"].contains(fields[UInt8(ascii: "V")])
        // cannot_connect_now: it starts, or recovers.
        return (state == "57P03" ? .notReady(text) : .refused(text), isFatal)
    }

    private static func integer(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}
