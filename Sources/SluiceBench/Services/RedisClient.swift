/// A Redis connection: one command at a time.
struct RedisClient {
    private let connection: ServiceConnection

    /// Waits until the server has loaded its data.
    init(_ connection: ServiceConnection) throws(AnswerError) {
        self.connection = connection
        _ = try call(["PING"])
    }

    func get(_ key: String) throws(AnswerError) -> [UInt8]? {
        let reply = try call(["GET", key])
        guard case .bulk(let value) = reply else { throw .malformed("\(reply) is no value") }
        return value
    }

    func set(_ key: String, _ value: [UInt8], expiresInSeconds seconds: Int) throws(AnswerError) {
        let reply = try call(["SET", key], value, ["EX", "\(seconds)"])
        guard reply == .simple("OK") else { throw .malformed("\(reply) instead of OK") }
    }

    private func call(
        _ words: [String],
        _ value: [UInt8]? = nil,
        _ options: [String] = []
    ) throws(AnswerError) -> RedisReply {
        let parts = words.map { Array($0.utf8) } + (value.map { [$0] } ?? []) + options.map { Array($0.utf8) }
        try connection.send(Self.command(parts))
        let reply = try RedisReply.read(from: connection.answers)
        guard case .failure(let text) = reply else { return reply }
        throw text.hasPrefix("LOADING") ? .notReady(text) : .refused(text)
    }

    /// An array of bulk strings, which every command is.
    static func command(_ parts: [[UInt8]]) -> [UInt8] {
        parts.reduce(into: Array("*\(parts.count)\r\n".utf8)) { bytes, part in
            bytes += Array("$\(part.count)\r\n".utf8) + part + Array("\r\n".utf8)
        }
    }
}
