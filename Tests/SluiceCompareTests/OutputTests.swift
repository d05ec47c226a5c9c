import Foundation
import Testing

@testable import SluiceCompare

@Suite struct OutputTests {
    private static var result: CompareResult {
        var result = CompareResult.sample
        var scenario = ScenarioResult.sample([
            "adaptive": [1: 20e6, 2: 22e6], "kernel": [1: 10e6, 2: 10e6], "nginx": [:],
            "best-static": [1: 5e6, 2: 5e6],
        ])
        scenario.sweep = StaticSweep(
            steps: [.init(setting: "64K", value: 5e6), .init(setting: "1M", failure: "it broke")],
            best: "64K"
        )
        var failed = Trial(candidate: "nginx", round: 1, seed: 1)
        failed.failure = "it <broke>"
        scenario.trials.append(failed)
        result.scenarios = [scenario]
        return result
    }

    @Test func `a result reads back`() throws {
        let json = try Self.result.json
        #expect(try CompareResult(json: json).json == json)
    }

    @Test func `the lines have every candidate, its range, its failure, and the table`() {
        let text = CompareText(Self.result).lines.joined(separator: "\n")
        for part in [
            "21 (20..22) Mbit/s", "2.10 (2..2.20)", "best-static (64K)", "What it is about", "wins",
            "sample, nginx: 1 of 1 trials failed: it <broke>", "kernel 10 Mbit/s", "2 rounds, short trials",
        ] {
            #expect(text.contains(part), "\(part) is missing in\n\(text)")
        }
        #expect(!text.contains("\u{1B}"))
    }

    @Test func `the page escapes what comes from outside, and fetches nothing`() {
        let page = ComparePage(Self.result).html
        #expect(page.contains("it &lt;broke&gt;"))
        #expect(page.contains("A sample &lt;of&gt; nothing."))
        #expect(!page.contains("<script"))
        #expect(!page.contains("http"))
        #expect(page.contains("best-static (64K)"))
    }

    @Test func `of a direct connection, only what a proxy costs is missing`() {
        var result = ScenarioResult.sample(["direct": [1: 1], "kernel": [1: 1]])
        result.measures.append(.memoryHeld)
        let table = CompareTables(result: .sample).scenario(result)
        #expect(table.rows[0] == ["direct", "1 bit/s", "-", "1"])
    }
}

extension CompareResult {
    static var sample: CompareResult {
        CompareResult(
            command: ["sluice", "bench", "compare"],
            date: "2026-01-01T00:00:00Z",
            machine: .current(),
            versions: ["nginx": "nginx 1.2"],
            seed: 1,
            rounds: 2
        )
    }
}
