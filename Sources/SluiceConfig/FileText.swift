import Glibc

/// Reads a configuration file's bytes as UTF-8 text, or says why it cannot.
enum FileText {
    /// Far above every sensible configuration: a device or a wrong path must not fill the memory.
    private static let largest = 4 << 20

    static func read(path: String) throws(ConfigurationProblems) -> String {
        guard let file = fopen(path, "re") else { throw unreadable(path, errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= largest {
            let count = fread(&chunk, 1, chunk.count, file)
            // A directory opens like a file; reading it is what fails.
            if ferror(file) != 0 { throw unreadable(path, errno) }
            if count == 0 { return try decode(bytes, path: path) }
            bytes += chunk[..<count]
        }
        throw problem(
            path,
            at: nil,
            "is larger than \(SizeText(bytes: largest)): this is no configuration file"
        )
    }

    private static func decode(_ bytes: [UInt8], path: String) throws(ConfigurationProblems) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        // No byte of a longer UTF-8 sequence equals a newline, so the lines can be judged one by one.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw problem(path, at: TextPlace(line: bad + 1, column: 1), "the line is not UTF-8 text")
    }

    private static func unreadable(_ path: String, _ code: Int32) -> ConfigurationProblems {
        problem(path, at: nil, "cannot be read: \(String(cString: strerror(code)))")
    }

    private static func problem(_ path: String, at place: TextPlace?, _ message: String)
        -> ConfigurationProblems
    {
        ConfigurationProblems(problems: [
            ConfigurationProblem(file: path, place: place, key: nil, message: message)
        ])
    }
}
