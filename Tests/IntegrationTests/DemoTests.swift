import Testing

/// `sluice demo`, the embedded origin, behind `sluice run`: what `make run` starts.
@Suite struct DemoTests {
    @Test func `a token stream arrives token by token`() throws {
        try withDemoBehindSluice { address in
            let client = try Peer.connect(to: address)
            let body = #"{"model":"demo","prompt":"Why is the sky blue?","stream":true}"#
            try client.send(
                "POST /api/generate HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )

            // Were the stream collected anywhere, it would come in one piece.
            var pieces: [[UInt8]] = []
            while let piece = try? client.receive(), !piece.isEmpty { pieces.append(piece) }
            let text = String(decoding: pieces.joined(), as: UTF8.self)
            let tokenCount = text.matches(of: /"done":\s*false/).count
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(text.contains(/"done":\s*true/))
            #expect(tokenCount > 3)
            #expect(pieces.count > tokenCount / 2)
        }
    }

    private func withDemoBehindSluice(_ body: (Endpoint) throws -> Void) throws {
        try withDemo { demo in
            try withSluice(to: demo, route: "class: llm") { try body($0.listener()) }
        }
    }
}
