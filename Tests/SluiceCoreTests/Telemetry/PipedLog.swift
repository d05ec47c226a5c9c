import Glibc

@testable import SluiceCore

/// A log writer into a pipe, and the lines that come out of it.
final class PipedLog {
    let writer: LogWriter
    private let pipe = DescriptorPair.pipe()
    private var pending: [UInt8] = []

    init() {
        // A pipe without a reader is an error of the write.
        signal(SIGPIPE, SIG_IGN)
        writer = LogWriter(descriptor: pipe.second)
    }

    /// The next `count` lines, without their newlines. Waits for them.
    func lines(_ count: Int) -> [String] {
        var result: [String] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while result.count < count {
            let received = read(pipe.first, &chunk, chunk.count)
            precondition(received > 0, "the log ended early")
            pending += chunk[..<received]
            var parts = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            pending = Array(parts.removeLast())
            result += parts.map { String(decoding: $0, as: UTF8.self) }
        }
        return result
    }

    /// Whether everything that came was part of a line that was asked for.
    var isReadOut: Bool { pending.isEmpty }

    func stopReading() { pipe.closeFirst() }
}
