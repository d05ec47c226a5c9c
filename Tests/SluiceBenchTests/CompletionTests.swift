import Testing

@testable import SluiceBench

@Suite struct CompletionTests {
    private static let openAI = """
        data: {"choices":[{"delta":{"role":"assistant","content":null}}]}

        : a comment
        data: {"choices":[{"delta":{"content":"One"}}]}

        data:{"choices":[{"delta":{"content":" two"}}]}

        data: {"choices":[{"delta":{}}],"usage":{"completion_tokens":2}}

        data: [DONE]


        """
    private static let ollama = """
        {"response":"One","done":false}
        {"response":" two","done":false}
        {"response":"","done":true,"done_reason":"length"}

        """

    /// The body in chunks that do not end where its lines end.
    private static func chunked(_ body: String) -> [UInt8] {
        var rest = Array(body.utf8)[...]
        var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        while !rest.isEmpty {
            let chunk = rest.prefix(23)
            bytes += Array((String(chunk.count, radix: 16) + ";x=1\r\n").utf8) + chunk + Array("\r\n".utf8)
            rest = rest.dropFirst(chunk.count)
        }
        return bytes + Array("0\r\nTrailer: x\r\n\r\n".utf8)
    }

    private static func withLength(_ body: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    private func events(_ dialect: CompletionDialect, _ reader: AnswerReader) throws -> [CompletionEvent] {
        var answer = try HTTPAnswer(from: reader)
        #expect(answer.status == 200)
        var events: [CompletionEvent] = []
        while let line = try answer.line() { events.append(try dialect.event(line)) }
        return events.filter { $0 != .nothing }
    }

    @Test func `token streams are read, however they are cut`() throws {
        let answers: [(CompletionDialect, [UInt8])] = [
            (.openai, Self.chunked(Self.openAI)), (.openai, Self.withLength(Self.openAI)),
            (.ollama, Self.chunked(Self.ollama)), (.ollama, Self.withLength(Self.ollama)),
        ]
        try forEachCase { generator in
            for (dialect, bytes) in answers {
                let found = try events(dialect, AnswerReader(bytes, cutBy: &generator))
                #expect(found == [.token("One"), .token(" two"), .end])
            }
        }
    }

    @Test func `an answer that is cut off is an error`() {
        for bytes in [Self.chunked(Self.ollama), Self.withLength(Self.ollama)] {
            for part in truncations(of: bytes) {
                #expect(throws: AnswerError.self) {
                    try events(.ollama, AnswerReader(part.isEmpty ? [] : [part]))
                }
            }
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFF\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{]{]{",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
    ])
    func `what is no token stream is called so`(text: String) throws {
        let error = #expect(throws: AnswerError.self) { try events(.ollama, AnswerReader(text)) }
        #expect(try #require(error).description.contains("malformed"))
    }

    @Test(
        arguments: [
            (.openai, #"data: {"error":{"message":"context too long"}}"#),
            (.ollama, #"{"error":"context too long"}"#),
        ] as [(CompletionDialect, String)]
    )
    func `an error inside a stream is the server's`(dialect: CompletionDialect, line: String) throws {
        let error = #expect(throws: AnswerError.self) { try dialect.event(Array(line.utf8)) }
        #expect(try #require(error).description == "it answered with an error: context too long")
    }

    @Test(
        arguments: [(.openai, "max_tokens\":7"), (.ollama, "num_predict\":7")]
            as [(CompletionDialect, String)]
    )
    func `a request has its server's keys`(dialect: CompletionDialect, key: String) {
        let body = String(decoding: dialect.body(prompt: "a \"b\"", tokens: 7), as: UTF8.self)
        #expect(body.contains(key))
        #expect(body.contains(#"a \"b\""#))
        #expect(body.contains(#""stream":true"#))
    }

    @Test func `garbage never traps`() {
        forEachCase(1000) { generator in
            let bytes = garbage(from: Self.chunked(Self.openAI), using: &generator)
            let reader = AnswerReader(bytes, cutBy: &generator)
            guard var answer = try? HTTPAnswer(from: reader) else { return }
            while let line = try? answer.line() { _ = try? CompletionDialect.openai.event(line) }
        }
    }
}
