import Testing

@testable import SluiceBench

@Suite struct RedisReplyTests {
    private static let replies: [(String, RedisReply)] = [
        ("+OK\r\n", .simple("OK")), ("-ERR no\r\n", .failure("ERR no")), (":-12\r\n", .integer(-12)),
        ("$-1\r\n", .bulk(nil)), ("$0\r\n\r\n", .bulk([])),
        ("$5\r\na\r\nb\n\r\n", .bulk(Array("a\r\nb\n".utf8))),
    ]

    @Test func `replies are read, however they are cut`() throws {
        let stream = Self.replies.map(\.0).joined()
        try forEachCase { generator in
            let reader = AnswerReader(Array(stream.utf8), cutBy: &generator)
            let read = try Self.replies.map { _ in try RedisReply.read(from: reader) }
            #expect(read == Self.replies.map(\.1))
        }
    }

    @Test func `a reply that is cut off is an error`() {
        for (text, _) in Self.replies {
            for part in truncations(of: Array(text.utf8)) {
                #expect(throws: AnswerError.self) {
                    try RedisReply.read(from: AnswerReader(part.isEmpty ? [] : [part]))
                }
            }
        }
    }

    @Test(arguments: [
        "\r\n", "HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "$-2\r\n", "$99999999999999999999\r\n",
        "$2147483647\r\n",
        "$1\r\nabc", ":one\r\n", "*1\r\n$1\r\na\r\n",
    ])
    func `what is no reply is called so`(text: String) throws {
        let error = #expect(throws: AnswerError.self) { try RedisReply.read(from: AnswerReader(text)) }
        #expect(try #require(error).description.contains("malformed"))
    }

    @Test func `garbage never traps`() {
        forEachCase(1000) { generator in
            let bytes = garbage(from: Array("$5\r\nhello\r\n".utf8), using: &generator)
            let reader = AnswerReader(bytes, cutBy: &generator)
            _ = try? RedisReply.read(from: reader)
        }
    }

    @Test func `an endless line ends in an error`() {
        let endless = AnswerReader { () throws(ExchangeError) in [UInt8](repeating: 0x2B, count: 1000) }
        #expect(throws: AnswerError.self) { try RedisReply.read(from: endless) }
    }

    @Test func `a command is an array of bulk strings`() {
        let command = RedisClient.command([Array("SET".utf8), Array("k".utf8), [0, 13, 10]])
        #expect(command == Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\0\r\n\r\n".utf8))
    }
}
