import Testing

@testable import SluiceBench

@Suite struct PostgresMessageTests {
    private static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        [type.asciiValue!, 0, 0, 0, UInt8(body.count + 4)] + body
    }

    private static let row = message("D", [0, 2, 0, 0, 0, 2, 0x68, 0x69, 0xFF, 0xFF, 0xFF, 0xFF])
    private static let failure = message("E", Array("SFEHLER\0VERROR\0C42P01\0Mno such table\0\0".utf8))

    private func read(_ bytes: [UInt8]) throws -> PostgresMessage {
        try PostgresMessage(from: AnswerReader(bytes.isEmpty ? [] : [bytes]))
    }

    @Test func `messages are read, however they are cut`() throws {
        try forEachCase { generator in
            let reader = AnswerReader(Self.row + Self.failure, cutBy: &generator)
            var row = try PostgresMessage(from: reader)
            #expect(row.type == "D")
            #expect(try row.firstColumn() == Array("hi".utf8))
            var failure = try PostgresMessage(from: reader)
            let (error, isFatal) = try failure.failure()
            #expect(error.description == "it answered with an error: no such table (SQLSTATE 42P01)")
            #expect(!isFatal)
        }
    }

    @Test func `a null column and no column are nil`() throws {
        var null = try read(Self.message("D", [0, 1, 0xFF, 0xFF, 0xFF, 0xFF]))
        #expect(try null.firstColumn() == nil)
        var none = try read(Self.message("D", [0, 0]))
        #expect(try none.firstColumn() == nil)
    }

    @Test func `a server that starts is not ready, and its session is over`() throws {
        var message = try read(Self.message("E", Array("VFATAL\0C57P03\0Mstarting up\0\0".utf8)))
        let (error, isFatal) = try message.failure()
        guard case .notReady = error else {
            Issue.record("\(error)")
            return
        }
        #expect(isFatal)
    }

    @Test func `a message that is cut off is an error`() {
        for part in truncations(of: Self.row) { #expect(throws: AnswerError.self) { try read(part) } }
    }

    @Test func `a field that leaves its message is an error`() throws {
        var long = try read(Self.message("D", [0, 1, 0, 0, 0, 9, 0x68]))
        #expect(throws: AnswerError.self) { try long.firstColumn() }
        var open = try read(Self.message("E", Array("Mno end".utf8)))
        #expect(throws: AnswerError.self) { try open.failure() }
        var unfinished = try read(Self.message("E", Array("Mtext\0".utf8)))
        #expect(throws: AnswerError.self) { try unfinished.failure() }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "-ERR unknown command\r\n", "D\0\0\0\u{3}", "\0\0\0\0\u{8}",
    ])
    func `what is no message is called so`(text: String) throws {
        let error = #expect(throws: AnswerError.self) { try read(Array(text.utf8)) }
        #expect(try #require(error).description.contains("malformed"))
    }

    @Test func `garbage never traps`() {
        forEachCase(1000) { generator in
            let bytes = garbage(
                from: Bool.random(using: &generator) ? Self.row : Self.failure,
                using: &generator
            )
            let reader = AnswerReader(bytes, cutBy: &generator)
            guard let message = try? PostgresMessage(from: reader) else { return }
            var row = message
            _ = try? row.firstColumn()
            var failure = message
            _ = try? failure.failure()
        }
    }

    @Test func `a session begins with version 3 and its user`() {
        let startup = PostgresClient.startup(user: "u", database: "d")
        #expect(startup.prefix(8) == [0, 0, 0, UInt8(startup.count), 0, 3, 0, 0])
        #expect(startup.dropFirst(8).elementsEqual("user\0u\0database\0d\0\0".utf8))
    }
}
