import Foundation

/// An answer of an HTTP server.
struct HTTPResponse {
    let status: Int
    let body: String
}

/// A `GET` on a connection of its own.
func httpGet(_ path: String, from endpoint: Endpoint, headers: [String] = []) throws -> HTTPResponse {
    try httpRequest("GET", path, from: endpoint, headers: headers)
}

/// A request on a connection of its own.
func httpRequest(
    _ method: String,
    _ path: String,
    from endpoint: Endpoint,
    headers: [String] = [],
    body: String = ""
) throws -> HTTPResponse {
    let peer = try Peer.connect(to: endpoint)
    let fixed = ["Host: \(endpoint)", "Connection: close"]
    let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
    let head = ["\(method) \(path) HTTP/1.1"] + fixed + length + headers
    try peer.send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    return try httpResponse(in: try peer.receiveToEnd())
}

/// Takes a whole answer apart. The body reaches to the end of the stream: none of the servers here send in chunks what
/// is fetched this way.
func httpResponse(in bytes: [UInt8]) throws -> HTTPResponse {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let blank = text.range(of: "\r\n\r\n") else { throw NotHTTP(text: text) }
    let words = text[..<blank.lowerBound].split(separator: " ")
    guard words.count >= 2, let status = Int(words[1]) else { throw NotHTTP(text: text) }
    return HTTPResponse(status: status, body: String(text[blank.upperBound...]))
}

struct NotHTTP: Error, CustomStringConvertible {
    let text: String
    var description: String { "not an HTTP answer: \(text.prefix(200))" }
}
