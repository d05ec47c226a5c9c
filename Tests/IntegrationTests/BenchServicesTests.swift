import Foundation
import Testing

/// The comparison's scenarios with real servers, on emulated links. What the numbers are decides nothing here.
@Suite(.serialized, .needsLab, .needs(.redisServer, .postgres, .initdb, .pgbench, .unshare))
struct BenchServicesTests {
    @Test(arguments: [
        ("postgres-office", ["pgbench SELECT", "pgbench transaction"]),
        ("redis-office", ["cache miss", "cache store", "cache hit"]),
        ("llm-dsl", ["first token", "token gap"]),
        ("end-to-end", ["query", "first token", "end to end", "cache hit"]),
    ])
    func `services are measured behind the proxy, beside bulk`(scenario: String, titles: [String]) throws {
        try withTemporaryDirectory { directory in
            let json = directory.appendingPathComponent("compare.json").path
            // Long enough for whole transactions and completions, on a busy machine as well.
            let result = try run(
                "/usr/bin/env",
                [
                    // No test waits for a real model.
                    "SLUICE_LLM=\(directory.path)", SluiceBinary.path, "bench", "compare", "--scenario",
                    scenario,
                    "--candidate", "adaptive", "--rounds", "1", "--duration", "5", "--json", json,
                ],
                deadline: Deadline(after: .seconds(600))
            )
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            let document = try #require(JSONValue(parsing: try String(contentsOfFile: json, encoding: .utf8)))
            let trial = try #require(document.scenarios?.array?.first?.trials?.array?.first)
            #expect(trial.values?.goodput?.double ?? 0 > 0)
            let found = (trial.distributions?.array ?? []).compactMap { $0.title?.string }
            for title in titles { #expect(found.contains(title), "\(title) is missing in \(found)") }
        }
    }
}
