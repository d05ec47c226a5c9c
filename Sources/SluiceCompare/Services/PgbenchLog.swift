import SluiceBench

/// The latencies in a log of pgbench, one line a transaction: `client transaction time script epoch microseconds`, the time
/// in microseconds. Source: PostgreSQL's documentation, "pgbench: Per-Transaction Logging".
struct PgbenchLog {
    /// By script, in pgbench's order.
    private(set) var latencies: [LatencyHistogram]

    init(scriptCount: Int) {
        latencies = Array(repeating: LatencyHistogram(), count: scriptCount)
    }

    /// Throws for a line that is in another form: a transaction that failed is one.
    mutating func read(_ text: String) throws(PgbenchLogError) {
        for (index, line) in text.split(separator: "\n").enumerated() {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, let microseconds = UInt64(fields[2]), let script = Int(fields[3]),
                latencies.indices.contains(script), microseconds < LatencyHistogram.longest / 1000
            else { throw PgbenchLogError(line: index + 1, text: String(line)) }
            latencies[script].record(microseconds * 1000)
        }
    }
}

struct PgbenchLogError: Error, CustomStringConvertible {
    let line: Int
    let text: String

    var description: String { "pgbench's log, line \(line): '\(text)' is no transaction with its time" }
}
