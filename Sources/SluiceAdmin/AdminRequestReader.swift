import FlyingFox
import FlyingSocks
import Foundation

/// Reads requests from one client, within bounds: FlyingFox's own reader takes whatever a client sends.
struct AdminRequestReader {
    /// Far more than a scraper or a browser sends.
    static let headBytes = 16 << 10
    static let bodyBytes = 64 << 10
    /// From a request's first byte to its last.
    static let requestTime: Duration = .seconds(15)

    private let socket: AsyncSocket
    /// Read, and of no request yet.
    private var bytes: [UInt8] = []

    init(socket: AsyncSocket) { self.socket = socket }

    /// The next request; `nil` when the client has closed. Throws `AdminRequestError`, or the socket's error.
    mutating func next() async throws -> (request: HTTPRequest, keepsAlive: Bool)? {
        guard try await startOfRequest() else { return nil }
        let deadline = ContinuousClock.now + Self.requestTime
        var searched = 0
        var head: Range<Int>?
        while head == nil {
            head = endOfHead(from: searched)
            guard (head?.lowerBound ?? bytes.count) <= Self.headBytes else {
                throw AdminRequestError.headTooLarge
            }
            if head != nil { break }
            searched = max(0, bytes.count - 3)
            guard try await fill(before: deadline) else { return nil }
        }
        let parsed = try AdminRequestHead(
            parsing: String(decoding: bytes[..<head!.lowerBound], as: UTF8.self)
        )
        bytes.removeFirst(head!.upperBound)
        while bytes.count < parsed.bodyLength {
            guard try await fill(before: deadline) else { return nil }
        }
        let body = Data(bytes.prefix(parsed.bodyLength))
        bytes.removeFirst(parsed.bodyLength)
        let request = HTTPRequest(
            method: parsed.method,
            version: parsed.version,
            path: parsed.path,
            query: parsed.query,
            headers: parsed.headers,
            body: body
        )
        return (request, parsed.keepsAlive)
    }

    /// Waits for a first byte, however long it takes, and skips empty lines before it (RFC 9112, section 2.2).
    private mutating func startOfRequest() async throws -> Bool {
        while true {
            let blank = bytes.prefix { $0 == 0x0d || $0 == 0x0a }.count
            bytes.removeFirst(blank)
            if !bytes.isEmpty { return true }
            guard try await fill(before: nil) else { return false }
        }
    }

    /// Where the head ends, and where what follows begins.
    private func endOfHead(from start: Int) -> Range<Int>? {
        var index = start
        while index < bytes.count {
            if bytes[index] == 0x0a {
                let rest = bytes[(index + 1)...]
                if rest.first == 0x0a { return index..<index + 2 }
                if rest.starts(with: [0x0d, 0x0a]) { return index..<index + 3 }
            }
            index += 1
        }
        return nil
    }

    /// False at the end of the stream.
    private mutating func fill(before deadline: ContinuousClock.Instant?) async throws -> Bool {
        if let deadline, ContinuousClock.now > deadline { throw AdminRequestError.tooSlow }
        do {
            bytes += try await socket.read(atMost: 4096)
            return true
        } catch SocketError.disconnected {
            return false
        }
    }
}
