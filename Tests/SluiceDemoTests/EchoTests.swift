// POST /echo over a real connection.

import Foundation
import Testing

@testable import SluiceDemo

@Suite(.timeLimit(.minutes(2)))
struct EchoTests {
    /// Below and above the 2 MiB from which FlyingFox streams a body instead of reading it first.
    @Test(arguments: [0, 1, 100_000, 3_000_001])
    func aBodyComesBackAsItWas(size: Int) async throws {
        let body = try await bytes(size)
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            // The origin sends while it receives: read at the same time, or both ends wait.
            let writer = client
            async let sent: Void = writer.send("POST", "/echo", body: body)
            let response = try await client.readResponse()
            try await sent
            #expect(response.status == 200)
            #expect(response.body == body)
        }
    }

    @Test func aChunkedBodyComesBackWhileItIsSent() async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.send(
                Data("POST /echo HTTP/1.1\r\nHost: demo\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            )
            let head = try await client.readHead()
            #expect(head.headers["transfer-encoding"] == "chunked")
            for text in ["one", "two", "three"] {
                try await client.send(Data("\(text.utf8.count)\r\n\(text)\r\n".utf8))
                #expect(try await client.readChunk() == Data(text.utf8))
            }
            try await client.send(Data("0\r\n\r\n".utf8))
            #expect(try await client.readChunk() == nil)
        }
    }

    private func bytes(_ size: Int) async throws -> Data {
        var iterator = BulkBytes(size: size, seed: 5).makeAsyncIterator()
        return try await Data(iterator.nextBuffer(suggested: max(size, 8)) ?? [])
    }
}
