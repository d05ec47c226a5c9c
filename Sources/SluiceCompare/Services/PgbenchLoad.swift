import Foundation
import SluiceBench

/// pgbench against PostgreSQL: its clients draw a SELECT or a transaction like TPC-B's, one as often as the other.
struct PgbenchLoad: Load {
    private static let logPrefix = "pgbench_log"
    /// In the order of pgbench's command line, which numbers them.
    private static let scripts: [(builtin: String, title: String)] = [
        ("select-only", "SELECT"), ("tpcb-like", "transaction"),
    ]

    var clients = 8
    var clientCount: Int { 1 }
    var refusal: String? { PostgresService.refusal }

    func services(in directory: String) throws -> [Service] {
        [try PostgresService.service(in: directory, tables: true)]
    }

    func clients(_ bed: TestBed) -> [Program] {
        let endpoint = bed.endpoints[0]
        let arguments =
            Self.scripts.map { "--builtin=\($0.builtin)" } + [
                "--client=\(clients)", "--time=\(max(1, Int(bed.seconds.rounded())))", "--no-vacuum",
                // pgbench reads 32 bits.
                "--random-seed=\(UInt32(truncatingIfNeeded: bed.seed))", "--log",
                "--log-prefix=\(bed.directory)/\(Self.logPrefix)", "--host=\(endpoint.host)",
                "--port=\(endpoint.port)",
                "--username=\(PostgresService.user)", "postgres",
            ]
        return [Program("pgbench", PostgresService.path("pgbench") ?? "pgbench", arguments)]
    }

    func measurements(_ outputs: [ProgramOutput]) throws -> Measurements {
        let directory = outputs[0].directory
        var log = PgbenchLog(scriptCount: Self.scripts.count)
        // One file for each process and thread: PREFIX.PID[.THREAD].
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            guard name.hasPrefix("\(Self.logPrefix).") else { continue }
            try log.read(try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8))
        }
        var measurements = Measurements()
        for (script, histogram) in zip(Self.scripts, log.latencies) where histogram.count > 0 {
            for percentile in Measure.percentiles {
                let id = Measure.pgbenchID(script.builtin, percentile)
                measurements.values[id] = Double(histogram.percentile(percentile))
            }
            measurements.distributions.append(
                Distribution(title: "pgbench \(script.title)", histogram: histogram)
            )
        }
        return measurements
    }
}

extension Measure {
    static let selectP50 = pgbench("select-only", 50, "SELECT p50")
    static let selectP95 = pgbench("select-only", 95, "SELECT p95")
    static let selectP99 = pgbench("select-only", 99, "SELECT p99")
    static let transactionP50 = pgbench("tpcb-like", 50, "transaction p50")
    static let transactionP95 = pgbench("tpcb-like", 95, "transaction p95")

    private static func pgbench(_ script: String, _ percentile: Double, _ title: String) -> Measure {
        Measure(pgbenchID(script, percentile), title, .nanoseconds, better: .less)
    }

    fileprivate static func pgbenchID(_ script: String, _ percentile: Double) -> String {
        "pgbench_\(script)_p\(Int(percentile))"
    }
}
