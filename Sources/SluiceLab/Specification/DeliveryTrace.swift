import Glibc

/// A recording of when a link could send, in mahimahi's format: each line is a time in whole milliseconds, at which
/// 1,500 bytes may leave; a time that stands there twice is two opportunities. The last line is the length of the
/// recording, which then starts again. (R. Netravali et al., "Mahimahi: Accurate Record-and-Replay for HTTP", USENIX ATC
/// 2015.)
public struct DeliveryTrace: Sendable, Hashable {
    /// Bytes that one opportunity carries. Small packets share it, a larger one takes several.
    public static let opportunityBytes = 1500

    /// Nanoseconds from the start, ascending, never empty.
    let opportunities: [Int]
    /// Nanoseconds until it starts again: above 0.
    var period: Int { opportunities[opportunities.count - 1] }

    /// Over the whole recording.
    public var averageBitsPerSecond: Int {
        let bits = Double(opportunities.count * Self.opportunityBytes * 8)
        return max(1, Int(bits / Double(period) * 1e9))
    }

    /// - Parameters:
    ///   - text: the recording.
    ///   - name: what errors call it: the file's name.
    public init(parsing text: String, name: String) throws(LabError) {
        var opportunities: [Int] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.last == "\r" ? line.dropLast() : line
            if line.isEmpty { continue }
            guard let milliseconds = Int(line), (0...86_400_000).contains(milliseconds) else {
                throw LabError(
                    "\(name):\(index + 1): '\(line)' is no time (allowed: whole milliseconds, up to a day)"
                )
            }
            let time = milliseconds * 1_000_000
            if let last = opportunities.last, time < last {
                throw LabError("\(name):\(index + 1): \(line) is earlier than the line before it")
            }
            opportunities.append(time)
        }
        guard let period = opportunities.last, period > 0 else {
            throw LabError("\(name): no delivery opportunity after 0 ms; a line for each is needed")
        }
        self.opportunities = opportunities
    }

    /// Reads a file.
    public init(path: String) throws(LabError) {
        guard let file = fopen(path, "re") else { throw LabError.system("open", path, errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        if ferror(file) != 0 { throw LabError.system("read", path, errno) }
        try self.init(parsing: String(decoding: bytes, as: UTF8.self), name: path)
    }
}
