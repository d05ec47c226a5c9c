// POST /api/generate over a real connection.

import Foundation
import Testing

@testable import SluiceDemo

@Suite(.timeLimit(.minutes(2)))
struct GenerateTests {
    @Test func everyTokenIsAChunkOfItsOwnAndTheLastOneHasTheFigures() async throws {
        try await withOrigin { port, ends in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.generate(
                #"{"model":"m","prompt":"two words","options":{"seed":42,"num_predict":20}}"#
            )
            let head = try await client.readHead()
            #expect(head.status == 200)
            #expect(head.headers["content-type"] == "application/x-ndjson")

            var replies: [OllamaReply] = []
            while let chunk = try await client.readChunk() {
                #expect(chunk.last == UInt8(ascii: "\n"))
                #expect(chunk.count { $0 == UInt8(ascii: "\n") } == 1)
                replies.append(try decode(OllamaReply.self, from: chunk))
            }
            #expect(replies.count == 21)
            #expect(replies.allSatisfy { $0.model == "m" })
            #expect(replies.dropLast().allSatisfy { !$0.done && !$0.response.isEmpty && $0.evalCount == nil })

            let last = try #require(replies.last)
            #expect(last.done)
            #expect(last.response.isEmpty)
            #expect(last.doneReason == "length")
            #expect(last.evalCount == 20)
            #expect(last.promptEvalCount == 2)
            let parts = try #require(last.promptEvalDuration) + #require(last.evalDuration)
            #expect(last.totalDuration == parts)
            var ended = ends.makeAsyncIterator()
            #expect(await ended.next() == .complete(tokens: 20))
        }
    }

    @Test func anAnswerThatIsNotStreamedHasTheSameText() async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            let options = #""prompt":"p","options":{"seed":7,"num_predict":30}"#
            try await client.generate("{\(options)}")
            let streamed = try await client.readResponse().body
                .split(separator: UInt8(ascii: "\n"))
                .map { try decode(OllamaReply.self, from: $0).response }
                .joined()
            try await client.generate(#"{"stream":false,\#(options)}"#)
            let whole = try await client.readResponse()
            let reply = try decode(OllamaReply.self, from: whole.body)
            #expect(reply.done)
            #expect(reply.evalCount == 30)
            #expect(reply.response == streamed)
        }
    }

    @Test func timesAreRFC3339InUTC() throws {
        var reply = OllamaReply(
            model: "m",
            createdAt: Date(timeIntervalSince1970: 1_700_000_000.25),
            response: "",
            done: true
        )
        reply.evalCount = 1
        let json = try OllamaJSON.encode(reply)
        let expected =
            #"{"created_at":"2023-11-14T22:13:20.250Z","done":true,"eval_count":1,"model":"m","response":""}"#
        #expect(String(decoding: json, as: UTF8.self) == expected)
    }

    @Test(arguments: [true, false])
    func tokensComeNoFasterThanTheRequestsRate(isStreamed: Bool) async throws {
        try await withOrigin(tokensPerSecond: 1_000_000) { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            let start = ContinuousClock.now
            try await client.generate(
                #"{"stream":\#(isStreamed),"options":{"num_predict":40,"tokens_per_second":200}}"#
            )
            _ = try await client.readResponse()
            #expect(ContinuousClock.now - start >= .milliseconds(200))
        }
    }

    @Test func generatingEndsWhenTheClientLeaves() async throws {
        try await withOrigin { port, ends in
            var client = try await RawHTTPClient(port: port)
            // Left alone it would run for 100 s.
            try await client.generate(#"{"options":{"num_predict":10000,"tokens_per_second":100}}"#)
            _ = try await client.readHead()
            _ = try await client.readChunk()
            try client.close()

            var ended = ends.makeAsyncIterator()
            guard case .abandoned(let tokens) = await ended.next() else {
                Issue.record("the generation went on to its end")
                return
            }
            #expect(tokens < 10000)
        }
    }

    @Test(arguments: [
        ("", "the body is not valid JSON"),
        (#"{"prompt":"#, "the body is not valid JSON"),
        ("[]", "the body: expected an object"),
        (#"{"stream":"yes"}"#, "stream: expected true or false"),
        (#"{"options":{"num_predict":"9"}}"#, "options.num_predict: expected a whole number"),
        (
            #"{"options":{"num_predict":0}}"#,
            "options.num_predict 0: expected 1 to 10000, or -1 for the default"
        ),
        (#"{"options":{"tokens_per_second":0}}"#, "options.tokens_per_second 0.0: expected 1 to 1000000"),
    ])
    func aBadRequestIsToldWhatIsWrong(body: String, message: String) async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.generate(body)
            let response = try await client.readResponse()
            #expect(response.status == 400)
            #expect(try errorMessage(in: response.body) == message)
        }
    }

    @Test func aRequestThatIsTooLargeIsRefused() async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            let body = Data(repeating: UInt8(ascii: " "), count: GenerateRequest.maximumBytes + 1)
            try await client.send("POST", "/api/generate", body: body)
            #expect(try await client.readResponse().status == 413)
        }
    }
}
