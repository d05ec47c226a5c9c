// The origin's life, and what an Ollama client asks before it generates.

import FlyingSocks
import Foundation
import Glibc
import Testing

@testable import SluiceDemo

@Suite(.timeLimit(.minutes(2)))
struct DemoOriginTests {
    @Test func anOllamaClientFindsAServerAndAModel() async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.send("HEAD", "/")
            #expect(try await client.readHead().status == 200)
            try await client.send("GET", "/api/version")
            let version = try await client.readResponse()
            #expect(try decode(OllamaVersion.self, from: version.body).version == "0.0.0-demo")
            try await client.send("GET", "/api/tags")
            let tags = try await client.readResponse()
            #expect(
                try decode(OllamaModels.self, from: tags.body).models.map(\.name) == ["sluice-demo:latest"]
            )
        }
    }

    @Test func theIndexNamesEveryRoute() async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.send("GET", "/")
            let index = String(decoding: try await client.readResponse().body, as: UTF8.self)
            for route in ["/api/generate", "/api/tags", "/api/version", "/bytes", "/echo"] {
                #expect(index.contains(route))
            }
        }
    }

    @Test(arguments: [("GET", "/nothing"), ("GET", "/echo"), ("DELETE", "/bytes")])
    func whatIsNotThereIsA404(method: String, path: String) async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.send(method, path)
            let response = try await client.readResponse()
            #expect(response.status == 404)
            #expect(try errorMessage(in: response.body) == "no \(method) \(path) here; see GET /")
        }
    }

    @Test func aPortInUseIsAnErrorAtOnce() async throws {
        try await withOrigin { port, _ in
            let second = try DemoOrigin(port: port)
            let error = await #expect(throws: SocketError.self) { try await second.start() }
            guard case .failed(_, let code, _) = error else {
                Issue.record("unexpected error: \(String(describing: error))")
                return
            }
            #expect(code == EADDRINUSE)
        }
    }

    @Test func stoppingEndsRunAndClosesOpenStreams() async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: GenerationEnd.self)
        let origin = try DemoOrigin { continuation.yield($0) }
        let port = try await origin.start()
        let running = Task { try await origin.run() }
        var client = try await RawHTTPClient(port: port)
        defer { try? client.close() }
        try await client.generate(#"{"options":{"num_predict":10000,"tokens_per_second":100}}"#)
        _ = try await client.readHead()
        _ = try await client.readChunk()

        await origin.stop()
        try await running.value
        var ended = ends.makeAsyncIterator()
        guard case .abandoned = await ended.next() else {
            Issue.record("the generation went on to its end")
            return
        }
        await #expect(throws: SocketError.self) { try await RawHTTPClient(port: port) }
    }

    @Test func anIPv6AddressIsTaken() async throws {
        let origin = try DemoOrigin(host: "::1")
        let port = try await origin.start()
        #expect(port > 0)
        await origin.stop()
    }

    @Test func whatCannotBeServedIsRefusedBeforeBinding() {
        #expect(throws: DemoOriginError.notAnAddress("localhost")) { try DemoOrigin(host: "localhost") }
        #expect(throws: DemoOriginError.rateOutOfRange(0)) { try DemoOrigin(tokensPerSecond: 0) }
    }

    @Test func socketsThatAreReadFromSendWithoutDelay() async throws {
        let socket = try Socket(domain: AF_INET)
        defer { try? socket.close() }
        try #require(noDelay(of: socket) == 0)
        try await NoDelayPool(base: ReadyPool()).suspendSocket(socket, untilReadyFor: .read)
        #expect(noDelay(of: socket) == 1)
    }

    /// Asked of the kernel: FlyingSocks' own getter leaks its buffer, which the address sanitizer reports.
    private func noDelay(of socket: Socket) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.file.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &length)
        return value
    }

    /// A pool in which every socket is ready.
    private struct ReadyPool: AsyncSocketPool {
        func prepare() async throws {}
        func run() async throws {}
        func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {}
    }
}
