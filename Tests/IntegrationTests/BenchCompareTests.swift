import Foundation
import Testing

/// The comparison as its users run it, with real traffic on emulated links. What the numbers are decides nothing here.
@Suite(.serialized, .needsLab) struct BenchCompareTests {
    /// Far beyond the minute that it takes: sanitizer builds are slow.
    private static let patience = Duration.seconds(600)

    @Test(.needs(.chromium)) func `the quick comparison measures everything, and its report opens`() throws {
        try withTemporaryDirectory { directory in
            let json = directory.appendingPathComponent("compare.json").path
            let report = directory.appendingPathComponent("compare.html").path
            let result = try compare("--quick", "--json", json, "--report", report)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains("[12/12]"))
            for part in ["tokens-dsl", "bulk-lossy", "What Sluice is for", "2 rounds"] {
                #expect(result.output.contains(part), "\(part) is missing in \(result.output)")
            }
            let document = try #require(JSONValue(parsing: try String(contentsOfFile: json, encoding: .utf8)))
            try expectMeasured(document, scenarios: 2, trials: 6)
            let (page, complaints) = try Browser(directory).open(report)
            #expect(complaints.isEmpty, "\(complaints)")
            #expect(page.contains("<svg"))
            #expect(page.contains("Distribution: first token"))
            for width in [390, 1200] {
                #expect(try Browser(directory).overflow(of: "compare.html", at: width) == 0)
            }
            // The table that says what was found is seen whole, without scrolling.
            let whole = ".wrapping .scroll"
            #expect(try Browser(directory).overflow(of: "compare.html", at: 1100, in: whole) == 0)
            #expect(try Browser(directory).pictureBytes(of: report) > 10_000)
        }
    }

    @Test func `a candidate that fails costs only its own trials`() throws {
        try withTemporaryDirectory { directory in
            let json = directory.appendingPathComponent("compare.json").path
            let result = try compare(
                "--scenario",
                "bulk-loopback",
                "--duration",
                "0.5",
                "--rounds",
                "1",
                "--json",
                json,
                "--candidate",
                "static-64K-nosuch",
                "--candidate",
                "kernel",
                "--candidate",
                "direct"
            )
            #expect(result.status == 69, "\(result.errors)")
            #expect(result.output.contains("static-64K-nosuch: 1 of 1 trials failed: sluice run ended"))
            let document = try #require(JSONValue(parsing: try String(contentsOfFile: json, encoding: .utf8)))
            let trials = document.scenarios?.array?.first?.trials?.array ?? []
            #expect(trials.count == 3)
            for trial in trials {
                let hasFailed = trial.candidate?.string == "static-64K-nosuch"
                #expect((trial.failure?.string != nil) == hasFailed)
                #expect((trial.values?.goodput != nil) != hasFailed)
            }
        }
    }

    @Test func `an interrupted comparison reports what it has`() throws {
        try withTemporaryDirectory { logs in
            let child = try ChildProcess(
                SluiceBinary.path,
                [
                    "bench", "compare", "--scenario", "bulk-loopback", "--candidate", "kernel", "--duration",
                    "0.5",
                    "--rounds", "1000",
                ],
                logs: logs
            )
            defer { child.end() }
            _ = try child.errors.waitForLine("a trial", from: child) { $0.hasPrefix("[1/1000]") ? true : nil }
            child.signal(SIGINT)
            #expect(try child.waitForExit() == 0)
            #expect(child.output.text.contains("It was stopped after"))
            #expect(child.output.text.contains("bulk-loopback"))
        }
    }

    @Test func `random paths are run like any scenario`() throws {
        try withTemporaryDirectory { directory in
            let json = directory.appendingPathComponent("compare.json").path
            let result = try compare(
                "--random",
                "2",
                "--random-top",
                "20M",
                "--duration",
                "0.6",
                "--candidate",
                "kernel",
                "--json",
                json
            )
            #expect(result.status == 0, "\(result.errors)")
            let document = try #require(JSONValue(parsing: try String(contentsOfFile: json, encoding: .utf8)))
            try expectMeasured(document, scenarios: 2, trials: 1)
        }
    }

    @Test(arguments: [
        (["--scenario", "fast"], "allowed: tokens-dsl"), (["--candidate", "squid"], "static-64K"),
        (["--peers", "squid"], "haproxy, nginx, envoy"), (["--quick", "--full"], "exclude each other"),
        (["--link", "rate=fast"], "--link"), (["--candidate", "static-1"], "from 4K to 64M"),
        (["--rounds", "0"], "1 to 1000"),
    ])
    func `wrong usage says what is right`(arguments: [String], part: String) throws {
        let result = try compare(arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(part), "\(result.errors)")
    }

    private func compare(_ arguments: String...) throws -> ProgramResult { try compare(arguments) }

    private func compare(_ arguments: [String]) throws -> ProgramResult {
        try run(
            SluiceBinary.path,
            ["bench", "compare"] + arguments,
            deadline: Deadline(after: Self.patience)
        )
    }

    private func expectMeasured(_ document: JSONValue, scenarios: Int, trials: Int) throws {
        #expect(document.schema?.int == 1)
        let found = try #require(document.scenarios?.array)
        #expect(found.count == scenarios)
        for scenario in found {
            let measures = try #require(scenario.measures?.array).compactMap { $0.id?.string }
            #expect(scenario.trials?.array?.count == trials)
            for trial in scenario.trials?.array ?? [] {
                #expect(trial.failure == nil)
                #expect(trial.proxy?.residentPeak?.int ?? 0 > 0)
                #expect(trial.links?.array?.count == 1)
                #expect(trial.results?.array?.count == 1)
                for measure in measures {
                    #expect(trial.values?.member(measure) != nil, "\(measure) is missing")
                }
            }
        }
    }
}
