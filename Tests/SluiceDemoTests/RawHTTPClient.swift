// An HTTP client that shows what is on the wire: chunks as they were framed, and a connection that can be
// dropped.

import FlyingSocks
import Foundation
import Glibc
import Testing

/// One connection to an origin on loopback. `close()` ends it; nothing else does.
struct RawHTTPClient {
    private let socket: AsyncSocket
    private var received = Data()

    init(port: UInt16) async throws {
        socket = try await .connected(to: sockaddr_in.inet(ip4: "127.0.0.1", port: port))
    }

    func close() throws {
        try socket.close()
    }

    func send(_ bytes: Data) async throws {
        try await socket.write(bytes)
    }

    /// Sends a request with a body of known length.
    func send(_ method: String, _ target: String, body: Data = Data()) async throws {
        let head = "\(method) \(target) HTTP/1.1\r\nHost: demo\r\nContent-Length: \(body.count)\r\n\r\n"
        try await send(Data(head.utf8) + body)
    }

    /// Sends `POST /api/generate` with this JSON.
    func generate(_ json: String) async throws {
        try await send("POST", "/api/generate", body: Data(json.utf8))
    }

    /// The status line and headers of the next response, header names in lower case.
    mutating func readHead() async throws -> Head {
        let status = try await readLine().split(separator: " ")
        var headers: [String: String] = [:]
        while case let line = try await readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return Head(status: Int(status[1]) ?? 0, headers: headers)
    }

    struct Head {
        var status: Int
        var headers: [String: String]
    }

    /// The next chunk of a chunked body, or nil at its end.
    mutating func readChunk() async throws -> Data? {
        let line = try await readLine()
        let size = try #require(Int(line, radix: 16))
        let chunk = try await read(count: size)
        _ = try await readLine()
        return size == 0 ? nil : chunk
    }

    /// A whole response: its status and its body, however it is framed.
    mutating func readResponse() async throws -> (status: Int, body: Data) {
        let head = try await readHead()
        guard head.headers["transfer-encoding"] == "chunked" else {
            let length = try #require(head.headers["content-length"].flatMap { Int($0) })
            return (head.status, try await read(count: length))
        }
        var body = Data()
        while let chunk = try await readChunk() {
            body += chunk
        }
        return (head.status, body)
    }

    private mutating func readLine() async throws -> String {
        while true {
            if let end = received.firstRange(of: Data("\r\n".utf8)) {
                let line = String(decoding: received[received.startIndex..<end.lowerBound], as: UTF8.self)
                received = Data(received[end.upperBound...])
                return line
            }
            received += try await socket.read(atMost: 4096)
        }
    }

    private mutating func read(count: Int) async throws -> Data {
        while received.count < count {
            received += try await socket.read(atMost: 4096)
        }
        defer { received = Data(received.dropFirst(count)) }
        return Data(received.prefix(count))
    }
}
