/// A reply of Redis (RESP2: redis.io/docs/reference/protocol-spec), as far as single commands get it.
enum RedisReply: Equatable {
    case simple(String)
    case failure(String)
    case integer(Int)
    /// `nil`: there is no value.
    case bulk([UInt8]?)

    /// Far more than the bench ever stores.
    static let largestBulk = 1 << 24

    static func read(from reader: AnswerReader) throws(AnswerError) -> RedisReply {
        let line = try reader.line()
        let rest = String(decoding: line.dropFirst(), as: UTF8.self)
        switch line.first {
        case UInt8(ascii: "+"): return .simple(rest)
        case UInt8(ascii: "-"): return .failure(rest)
        case UInt8(ascii: ":"):
            guard let number = Int(rest) else { throw .malformed("\(quoted(line)) is no number") }
            return .integer(number)
        case UInt8(ascii: "$"):
            guard let count = Int(rest), (-1...largestBulk).contains(count) else {
                throw .malformed("\(quoted(line)) is no length")
            }
            return .bulk(count < 0 ? nil : try bulk(count, from: reader))
        default: throw .malformed("\(quoted(line)) is no reply to one command")
        }
    }

    private static func bulk(_ count: Int, from reader: AnswerReader) throws(AnswerError) -> [UInt8] {
        let value = try reader.bytes(count)
        let end = try reader.bytes(2)
        guard end == Array("\r\n".utf8) else {
            throw .malformed("a value of \(count) bytes is followed by \(quoted(end))")
        }
        return value
    }
}
