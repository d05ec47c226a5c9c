/// An answer of HTTP/1.1 (RFC 9112): the status, and a body that is read while it arrives.
struct HTTPAnswer {
    let status: Int
    private let reader: AnswerReader
    private let isChunked: Bool
    /// Of the chunk that is being read, or of the body where it has a length.
    private var bytesLeft: Int
    private var hasEnded = false
    /// Received, and no whole line yet.
    private var pending: [UInt8] = []

    /// Far more than a token stream has.
    private static let largestChunk = 1 << 24
    private static let mostHeaders = 256

    /// Waits for the head.
    init(from reader: AnswerReader) throws(AnswerError) {
        self.reader = reader
        status = try Self.status(in: try reader.line())
        var length: Int?
        var isChunked = false
        for (name, value) in try Self.headers(from: reader) {
            switch name {
            case "transfer-encoding": isChunked = value.lowercased().hasSuffix("chunked")
            case "content-length":
                guard let count = Int(value), count >= 0 else {
                    throw .malformed("Content-Length '\(value)'")
                }
                length = count
            default: continue
            }
        }
        guard isChunked || length != nil else {
            throw .malformed("HTTP status \(status), with neither chunks nor Content-Length")
        }
        self.isChunked = isChunked
        bytesLeft = isChunked ? 0 : length ?? 0
    }

    /// The body's next line, without its end. `nil` at the end of the body.
    mutating func line() throws(AnswerError) -> [UInt8]? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = pending[..<end]
                pending = Array(pending[(end + 1)...])
                return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            }
            guard pending.count <= AnswerReader.longestLine else {
                throw .malformed("a line of more than \(AnswerReader.longestLine) bytes")
            }
            guard let piece = try piece() else {
                defer { pending = [] }
                return pending.isEmpty ? nil : pending
            }
            pending += piece
        }
    }

    /// What has arrived of the body, at least a byte. `nil` at its end.
    private mutating func piece() throws(AnswerError) -> ArraySlice<UInt8>? {
        if hasEnded { return nil }
        if bytesLeft == 0, isChunked { bytesLeft = try Self.chunkSize(in: try reader.line()) }
        guard bytesLeft > 0 else {
            hasEnded = true
            // Fields may follow the last chunk.
            if isChunked { _ = try Self.headers(from: reader) }
            return nil
        }
        let piece = try reader.some(upTo: bytesLeft)
        bytesLeft -= piece.count
        if bytesLeft == 0, isChunked, try !reader.line().isEmpty {
            throw .malformed("a chunk is longer than its size")
        }
        return piece
    }

    private static func status(in line: [UInt8]) throws(AnswerError) -> Int {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self))
        else { throw .malformed("\(quoted(line)) is no status line of HTTP/1.1") }
        return status
    }

    /// Names in lower case.
    private static func headers(from reader: AnswerReader) throws(AnswerError) -> [(String, String)] {
        var headers: [(String, String)] = []
        while case let line = try reader.line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), headers.count < mostHeaders else {
                throw .malformed("\(quoted(line)) is no header")
            }
            let value = String(decoding: line[(colon + 1)...], as: UTF8.self).filter {
                $0 != " " && $0 != "\t"
            }
            headers.append((String(decoding: line[..<colon], as: UTF8.self).lowercased(), value))
        }
        return headers
    }

    private static func chunkSize(in line: [UInt8]) throws(AnswerError) -> Int {
        // An extension may follow a semicolon.
        let digits = String(
            decoding: line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") },
            as: UTF8.self
        )
        guard let size = Int(digits, radix: 16), (0...largestChunk).contains(size) else {
            throw .malformed("\(quoted(line)) is no size of a chunk")
        }
        return size
    }
}
