import Foundation
import Testing

@Suite(.needs(.nginx), .serialized) struct NginxTests {
    @Test(.needs(.curl)) func `a large download`() throws {
        try withTemporaryDirectory { root in
            let file = root.appendingPathComponent("large")
            try Pattern(seed: 11).write(byteCount: 256 << 20, to: file)
            let expected = try sha256(ofFile: file.path)
            try withNginx(serving: root) { nginx in
                try withSluice(to: nginx) { sluice in
                    let copy = root.appendingPathComponent("copy").path
                    try succeed(
                        Tool.curl.require(),
                        [
                            "--silent", "--show-error", "--fail", "--output", copy,
                            "http://\(sluice.listener())/large",
                        ]
                    )
                    #expect(try sha256(ofFile: copy) == expected)
                }
            }
        }
    }

    /// All thousand are connected before the first request is sent.
    @Test func `a thousand downloads at once`() throws {
        try withTemporaryDirectory { root in
            let byteCount = 20_000
            let pattern = Pattern(seed: 12)
            try pattern.write(byteCount: byteCount, to: root.appendingPathComponent("small"))
            try withNginx(serving: root) { nginx in
                try withSluice(to: nginx) { sluice in
                    let address = try sluice.listener()
                    let clients = try (0..<1000).map { _ in try Peer.connect(to: address) }
                    for client in clients {
                        try client.send("GET /small HTTP/1.1\r\nHost: nginx\r\nConnection: close\r\n\r\n")
                    }
                    for client in clients {
                        let answer = try client.receiveToEnd()
                        let body = answer.suffix(byteCount)
                        #expect(answer.starts(with: "HTTP/1.1 200 OK\r\n".utf8))
                        try body.withUnsafeBytes { try pattern.check($0, at: 0) }
                        #expect(Array(answer.dropLast(byteCount).suffix(4)) == Array("\r\n\r\n".utf8))
                        client.close()
                    }
                    for _ in clients { try sluice.expectClosed("completed") }
                }
            }
        }
    }
}

extension Pattern {
    /// Writes the beginning of the stream into a file.
    func write(byteCount: Int, to file: URL) throws {
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        var offset = 0
        while offset < byteCount {
            let count = min(Self.chunkCeiling, byteCount - offset)
            try handle.write(contentsOf: withBytes(at: offset, count: count) { Data($0) })
            offset += count
        }
        try handle.close()
    }
}
