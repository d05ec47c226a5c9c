import FlyingFox
import Foundation

/// The request line and the headers of a request (RFC 9112), read from a bounded number of bytes. Pure.
struct AdminRequestHead {
    let method: HTTPMethod
    let version: HTTPVersion
    /// As it was sent: no path of the admin server needs an escape.
    let path: String
    let query: [HTTPRequest.QueryItem]
    let headers: [HTTPHeader: String]
    /// Bytes of the body that follows.
    let bodyLength: Int

    /// `text` ends before the empty line.
    init(parsing text: String) throws(AdminRequestError) {
        // By scalars: to Swift, a carriage return and a newline are one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            Substring($0.last == "\r" ? $0.dropLast() : $0)
        }
        guard !text.unicodeScalars.contains(where: Self.isForbidden) else {
            throw .malformed("a request holds no control characters")
        }
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[1].hasPrefix("/") else {
            throw .malformed("the request line is METHOD /path HTTP/1.1")
        }
        guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            throw .malformed("the version is HTTP/1.1")
        }
        method = HTTPMethod(String(words[0]))
        version = HTTPVersion(String(words[2]))
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(target[0])
        query = target.count > 1 ? Self.query(target[1]) : []
        headers = try Self.headers(lines.dropFirst())
        bodyLength = try Self.bodyLength(headers)
    }

    /// RFC 9112, section 9.3.
    var keepsAlive: Bool {
        let options = (headers[.connection] ?? "").lowercased().split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return version == .http11 ? !options.contains("close") : options.contains("keep-alive")
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 && scalar != "\r" && scalar != "\n" && scalar != "\t"
    }

    private static func query(_ text: Substring) -> [HTTPRequest.QueryItem] {
        func decoded(_ part: Substring) -> String { part.removingPercentEncoding ?? String(part) }
        return text.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return HTTPRequest.QueryItem(
                name: decoded(parts[0]),
                value: parts.count > 1 ? decoded(parts[1]) : ""
            )
        }
    }

    private static func headers(_ lines: ArraySlice<Substring>) throws(AdminRequestError) -> [HTTPHeader:
        String]
    {
        var headers: [HTTPHeader: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy({ (0x21...0x7e).contains($0) })
            else { throw .malformed("a header is NAME: VALUE") }
            let name = HTTPHeader(String(line[..<colon]))
            // Two lengths, or two tokens, are somebody's attempt to be read in two ways.
            guard headers[name] == nil || ![.contentLength, .transferEncoding, .authorization].contains(name)
            else {
                throw .malformed("the header \(name.rawValue) stands twice")
            }
            headers[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return headers
    }

    private static func bodyLength(_ headers: [HTTPHeader: String]) throws(AdminRequestError) -> Int {
        guard headers[.transferEncoding] == nil else { throw .encodedBody }
        guard let text = headers[.contentLength] else { return 0 }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformed("Content-Length is a number")
        }
        guard let length = Int(text), length <= AdminRequestReader.bodyBytes else { throw .bodyTooLarge }
        return length
    }
}

/// Why a request is not served. The connection is closed after the answer.
enum AdminRequestError: Error, Equatable {
    case malformed(String)
    case headTooLarge
    case bodyTooLarge
    /// A transfer encoding: no client of this server needs one.
    case encodedBody
    case tooSlow

    var status: HTTPStatusCode {
        switch self {
        case .malformed: .badRequest
        case .headTooLarge: .requestHeaderFieldsTooLarge
        case .bodyTooLarge: .payloadTooLarge
        case .encodedBody: .notImplemented
        case .tooSlow: .requestTimeout
        }
    }

    var explanation: String {
        switch self {
        case .malformed(let problem): problem
        case .headTooLarge: "the request line and headers have at most \(AdminRequestReader.headBytes) bytes"
        case .bodyTooLarge: "a body has at most \(AdminRequestReader.bodyBytes) bytes"
        case .encodedBody: "a body comes with Content-Length"
        case .tooSlow: "a request comes within \(AdminRequestReader.requestTime)"
        }
    }
}
