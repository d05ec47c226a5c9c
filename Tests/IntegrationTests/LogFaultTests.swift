import Foundation
import Testing

/// The log cannot be written: the service does not care, and counts what is missing. See docs/faults.md.
@Suite(.serialized) struct LogFaultTests {
    /// /dev/full fails every write with ENOSPC (full(4)). With Unix sockets, nothing has to be learnt from the log.
    @Test func `a log on a full disk`() throws {
        try withTemporaryDirectory { directory in
            let bystanders = try Bystanders(inDirectory: directory)
            let admin = directory.socket("admin")
            let configuration = """
                workers: 1
                drain: 5s
                admin: {listen: "\(admin)"}
                log: {format: json}
                routes:
                \(bystanders.routes.map { "  - \($0)" }.joined(separator: "\n"))

                """
            let file = try directory.write(configuration, to: "sluice.yaml")
            let launcher = ["/bin/sh", "-c", "exec \"$0\" \"$@\" 2>/dev/full"]
            try withSluice(arguments: ["run", "--config", file], launcher: launcher) { sluice in
                func metrics() throws -> Metrics {
                    Metrics(parsing: try httpGet("/metrics", from: admin).body)
                }
                try waitUntil("Sluice to be ready") { (try? httpGet("/readyz", from: admin).status) == 200 }
                try bystanders.start { directory.socket($0) }
                try waitUntil("lines to be lost") { try metrics().sum("sluice_log_lines_dropped_total") > 10 }
                // What tells of itself in the log works without it.
                sluice.signal(SIGHUP)
                try waitUntil("a reload") { try metrics().sum("sluice_configuration_generation") == 2 }
                try bystanders.expectProgress()
                try bystanders.stop()
                try bystanders.expectAccount(sourceLocation: #_sourceLocation) { try metrics() }
                #expect(sluice.log.isEmpty)
            }
        }
    }
}
