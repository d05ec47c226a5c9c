import Foundation

/// A file that a child process writes and a test reads line by line while it grows.
///
/// A file and not a pipe: it never fills up, so no test can stall the process it watches, and all of it is still there
/// after the process has ended.
final class LineFile {
    let path: String
    private let reader: FileHandle
    private var complete: [String] = []
    private var partial = Data()

    init(creating url: URL) throws {
        path = url.path
        try Data().write(to: url)
        reader = try FileHandle(forReadingFrom: url)
    }

    /// Every line that is complete by now, since the beginning.
    var lines: [String] {
        partial += (try? reader.readToEnd()) ?? Data()
        let newline = UInt8(ascii: "\n")
        // All at once: a log that nobody has looked at for a minute has hundreds of thousands of lines.
        guard let end = partial.lastIndex(of: newline) else { return complete }
        for line in partial[..<end].split(separator: newline, omittingEmptySubsequences: false) {
            complete.append(String(decoding: line, as: UTF8.self))
        }
        partial = Data(partial[partial.index(after: end)...])
        return complete
    }

    /// All that was written.
    var text: String { lines.map { $0 + "\n" }.joined() + String(decoding: partial, as: UTF8.self) }

    /// The last lines, for the report of a failure.
    var tail: String { text.split(separator: "\n").suffix(20).joined(separator: "\n") }

    /// Waits for the first line that holds `text`, and returns it.
    @discardableResult
    func waitForLine(containing text: String, from child: ChildProcess? = nil) throws -> String {
        try waitForLine("'\(text)'", from: child) { $0.contains(text) ? $0 : nil }
    }

    /// Waits for the first line from which `transform` makes a value.
    func waitForLine<Value>(
        _ awaited: String,
        from child: ChildProcess?,
        _ transform: (String) throws -> Value?
    ) throws -> Value {
        var seen = 0
        return try waitFor(awaited) {
            let hasEnded = child.map { !$0.isRunning } ?? false
            let lines = lines
            defer { seen = lines.count }
            for line in lines[seen...] {
                if let value = try transform(line) { return value }
            }
            if hasEnded { throw EndedEarly(awaited: awaited, said: tail) }
            return nil
        }
    }
}

/// A process ended before it said what a test waited for.
struct EndedEarly: Error, CustomStringConvertible {
    let awaited: String
    let said: String
    var description: String { "the process ended before it said \(awaited): \(said)" }
}
