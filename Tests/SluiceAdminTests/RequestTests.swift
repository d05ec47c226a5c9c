import FlyingFox
import SluiceCore
import Testing

@testable import SluiceAdmin

/// What a client may send, and what becomes of the rest.
@Suite struct RequestTests {
    @Test func aHeadIsTakenApart() throws {
        let head = try AdminRequestHead(
            parsing: "PUT /log/level?a=1&b=%26x&c HTTP/1.1\r\nHost: x\r\nContent-Length:  5 \r\nX-Empty:\r"
        )
        #expect(head.method == .PUT && head.path == "/log/level" && head.bodyLength == 5 && head.keepsAlive)
        #expect(head.query.map(\.name) == ["a", "b", "c"] && head.query.map(\.value) == ["1", "&x", ""])
        #expect(head.headers[HTTPHeader("host")] == "x" && head.headers[HTTPHeader("x-empty")] == "")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", true), ("GET / HTTP/1.1\nConnection: close", false),
        ("GET / HTTP/1.1\nConnection: x, Close", false), ("GET / HTTP/1.0", false),
        ("GET / HTTP/1.0\nConnection: keep-alive", true),
    ]) func whetherTheConnectionStays(head: String, keepsAlive: Bool) throws {
        #expect(try AdminRequestHead(parsing: head).keepsAlive == keepsAlive)
    }

    @Test(arguments: [
        "", "GET", "GET /", "GET  / HTTP/1.1", " / HTTP/1.1", "GET x HTTP/1.1", "GET * HTTP/1.1",
        "GET / HTTP/2",
        "GET / HTTP/1.1 x", "GET / HTTP/1.1\nno colon", "GET / HTTP/1.1\n: empty", "GET / HTTP/1.1\nHost : x",
        "GET / HTTP/1.1\nA: b\n folded: c", "GET / HTTP/1.1\nContent-Length: -1",
        "GET / HTTP/1.1\nContent-Length: 1\nContent-Length: 1", "GET / HTTP/1.1\nContent-Length:",
        "GET / HTTP/1.1\nContent-Length: +1",
    ]) func whatIsNoRequestIsRefused(head: String) {
        let error = #expect(throws: AdminRequestError.self) { try AdminRequestHead(parsing: head) }
        #expect(error?.status == .badRequest)
    }

    @Test(arguments: [
        ("GET /livez HTTP/9\r\n\r\n", 400),
        (
            "GET /livez HTTP/1.1\r\nX: \(String(repeating: "x", count: AdminRequestReader.headBytes))\r\n\r\n",
            431
        ),
        (String(repeating: "x", count: 4 * AdminRequestReader.headBytes), 431),
        ("POST /reload HTTP/1.1\r\nContent-Length: \(AdminRequestReader.bodyBytes + 1)\r\n\r\n", 413),
        ("POST /reload HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("POST /reload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    ]) func whatIsTooMuchIsRefusedAndTheConnectionClosed(request: String, status: Int) async throws {
        try await withAdminServer { address in
            let client = try await AdminClient.connect(to: address)
            // The server may have closed before it has read it all.
            try? await client.send(request)
            let answer = try? await client.readToEnd()
            #expect(answer?.hasPrefix("HTTP/1.1 \(status) ") ?? (status == 431))
            try await AdminClient.expectAnswer(at: address)
        }
    }

    @Test func requestsMayComeInPiecesAndTogether() async throws {
        try await withAdminServer { address in
            let client = try await AdminClient.connect(to: address)
            for piece in [
                "\r\nGET /li", "vez HTTP/1.1\r", "\nHost: x\r\n\r", "\nGET /readyz HTTP/1.1\n\nGET /livez",
            ] {
                try await client.send(piece)
            }
            try await client.send(" HTTP/1.1\r\nConnection: close\r\n\r\nGET /livez HTTP/1.1\r\n\r\n")
            let text = try await client.readToEnd()
            #expect(text.components(separatedBy: "HTTP/1.1 200 ").count == 4, "the last came after the end")
        }
    }

    @Test func placesAreTakenAndGivenBack() async {
        let places = ConnectionPlaces(2)
        await places.take()
        await places.take()
        let third = Task { await places.take() }
        await places.giveBack()
        await third.value
        await places.giveBack()
        await places.take()
    }
}
