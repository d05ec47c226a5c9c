/// Reads a service's answers piece by piece, as they arrive. Knows no socket, so that a test can cut an answer anywhere.
final class AnswerReader {
    /// The next bytes: as many as there are, and at least one. Throws `closed` at the end of the stream.
    typealias Source = () throws(ExchangeError) -> [UInt8]

    private let source: Source
    private var buffer: [UInt8] = []
    private var position = 0

    /// A line that is longer is none.
    static let longestLine = 1 << 16

    init(_ source: @escaping Source) { self.source = source }

    func byte() throws(AnswerError) -> UInt8 {
        if position == buffer.count { try refill() }
        defer { position += 1 }
        return buffer[position]
    }

    /// From one byte to `limit`: what has arrived, and no wait for more.
    func some(upTo limit: Int) throws(AnswerError) -> ArraySlice<UInt8> {
        if position == buffer.count { try refill() }
        let end = min(buffer.count, position + limit)
        defer { position = end }
        return buffer[position..<end]
    }

    func bytes(_ count: Int) throws(AnswerError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += try some(upTo: count - bytes.count) }
        return bytes
    }

    /// Up to the next line feed, without it, nor a carriage return before it.
    func line() throws(AnswerError) -> [UInt8] {
        var line: [UInt8] = []
        while case let byte = try byte(), byte != UInt8(ascii: "\n") {
            line.append(byte)
            guard line.count <= Self.longestLine else {
                throw .malformed("a line of more than \(Self.longestLine) bytes")
            }
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    private func refill() throws(AnswerError) {
        do throws(ExchangeError) {
            buffer = try source()
            position = 0
        } catch {
            throw .exchange(error)
        }
    }
}
