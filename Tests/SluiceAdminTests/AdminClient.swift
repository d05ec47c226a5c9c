import FlyingSocks
import Foundation
import Glibc
import SluiceCore
import Testing

/// One connection to an admin server, with blocking calls: what goes over the wire is exactly what the test wrote.
///
/// The calls block threads of their own: Swift's shared executor, and Dispatch, which it runs on, are for the server.
struct AdminClient {
    struct Response {
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: String
    }

    private let socket: Socket

    static func connect(to address: ListenAddress) async throws -> AdminClient {
        try await blocking {
            switch address.address {
            case .ip(let host, let port) where host.contains(":"):
                try connected(AF_INET6, sockaddr_in6.inet6(ip6: host, port: port))
            case .ip(let host, let port): try connected(AF_INET, sockaddr_in.inet(ip4: host, port: port))
            case .unix(let path): try connected(AF_UNIX, sockaddr_un.unix(path: path))
            case .name: preconditionFailure("a bound address is no name")
            }
        }
    }

    /// A request on a connection of its own.
    static func request(
        _ method: String = "GET",
        _ target: String,
        headers: [String] = [],
        body: String = "",
        at address: ListenAddress
    ) async throws -> Response {
        let client = try await connect(to: address)
        let fixed = ["Host: test", "Connection: close", "Content-Length: \(body.utf8.count)"]
        let head = ["\(method) \(target) HTTP/1.1"] + fixed + headers
        try await client.send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return parse(try await client.readToEnd())
    }

    /// Expects that the server at this address is alive.
    static func expectAnswer(at address: ListenAddress) async throws {
        let response = try await request("GET", "/livez", at: address)
        #expect(response.status == 200)
    }

    func send(_ text: String) async throws {
        try await Self.blocking {
            let data = Data(text.utf8)
            var sent = data.startIndex
            while sent < data.endIndex { sent = try socket.write(data, from: sent) }
        }
    }

    /// Everything until the server closes the connection; closes this end, too.
    func readToEnd() async throws -> String {
        try await Self.blocking {
            defer { try? socket.close() }
            var bytes: [UInt8] = []
            while true {
                do {
                    bytes += try socket.read(atMost: 4096)
                } catch SocketError.disconnected {
                    return String(decoding: bytes, as: UTF8.self)
                }
            }
        }
    }

    /// Returns when the connection was reset, without taking a byte from it; closes this end.
    func waitForReset() async throws {
        try await Self.blocking {
            defer { try? socket.close() }
            var descriptor = pollfd(fd: socket.file.rawValue, events: 0, revents: 0)
            while poll(&descriptor, 1, -1) < 0 {}
        }
    }

    static func parse(_ text: String) -> Response {
        let parts = text.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        let headers = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (
                line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)
            )
        }
        return Response(
            status: lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
            headers: Dictionary(headers) { first, _ in first },
            body: parts.dropFirst().joined(separator: "\r\n\r\n")
        )
    }

    private static func connected(_ family: Int32, _ address: some FlyingSocks.SocketAddress) throws
        -> AdminClient
    {
        let socket = try Socket(domain: family)
        do {
            try socket.connect(to: address)
        } catch {
            try? socket.close()
            throw error
        }
        return AdminClient(socket: socket)
    }

    private static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }
}
