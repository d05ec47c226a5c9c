import ArgumentParser
import Foundation
import SluiceBench
import SluiceCompare
import SluiceConfig
import SluiceLab

/// `sluice bench compare`: candidates on scenarios in the lab, in rounds.
struct BenchCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Compare Sluice with no proxy, with static buffers and with other proxies, on emulated links.",
        discussion: """
            Candidates take turns in every round, all on the same link randomness; what counts are ratios within a round. \
            See docs/bench.md.

                sluice bench compare --quick
                sluice bench compare --scenario rr-dsl --candidate kernel --candidate adaptive --rounds 5
                sluice bench compare --link rate=20mbit,delay=15ms,queue=300ms

            Ctrl-C ends the run and reports what was measured. Exit codes: 0 measured; 64 wrong usage; 69 the lab cannot \
            run here, a candidate is missing, or a trial failed.
            """
    )

    @Flag(
        help:
            "A first answer in less than a minute: two scenarios, three candidates, two rounds. The default."
    )
    var quick = false

    @Flag(help: "All scenarios, all candidates, three rounds: about an hour, and longer with peers.")
    var full = false

    @Option(help: ArgumentHelp("Run this scenario; may be repeated. See --list.", valueName: "name"))
    var scenario: [String] = []

    @Option(help: ArgumentHelp("Compare this candidate; may be repeated. See --list.", valueName: "name"))
    var candidate: [String] = []

    @Option(help: ArgumentHelp("Other proxies to compare, too: haproxy,nginx,envoy.", valueName: "names"))
    var peers: String?

    @Option(help: "How often every candidate runs in every scenario. Default: 3, and 2 with --quick.")
    var rounds: Int?

    @Option(
        help: "Length of one trial, in place of the scenario's own.",
        transform: SecondsText.init(parsing:)
    )
    var duration: SecondsText?

    @Option(
        help: ArgumentHelp("Run latency beside bulk on this link, as 'lab run' takes it.", valueName: "spec")
    )
    var link: String?

    @Option(
        help: ArgumentHelp(
            "What runs on --link: download, upload, requests-download, requests-upload, tokens or freshness. "
                + "Default: tokens and requests, both beside a download.",
            valueName: "name"
        )
    )
    var load: String?

    @Option(
        help: ArgumentHelp("With --load: the origin is on another host, behind this link.", valueName: "spec")
    )
    var originLink: String?

    @Option(
        help: ArgumentHelp("Run this many paths and loads that are drawn by the seed.", valueName: "count")
    )
    var random: Int?

    @Option(
        help: "The number of the first path of --random; the same number is always the same path. Default: 1."
    )
    var randomFrom: Int?

    @Option(
        help: "The fastest link of --random.",
        transform: RateText.init(parsing:)
    )
    var randomTop: RateText?

    @Option(help: "Congestion control of all hosts: cubic, bbr or reno.")
    var hostCC = "cubic"

    @Option(help: "Of everything that is drawn: losses, jitter, the order of candidates, random paths.")
    var seed: UInt64 = 1

    @Option(help: "Write everything that was measured.", completion: .file(extensions: ["json"]))
    var json: String?

    @Option(help: "Write the result as one HTML page.", completion: .file(extensions: ["html"]))
    var report: String?

    @Flag(help: "List the scenarios and the candidates, and run nothing.")
    var list = false

    func validate() throws {
        guard !(quick && full) else { throw ValidationError("--quick and --full exclude each other") }
        guard (1...1000).contains(rounds ?? 1) else { throw ValidationError("--rounds takes 1 to 1000") }
        guard (1...100_000).contains(random ?? 1) else { throw ValidationError("--random takes 1 to 100000") }
        guard (0.5...3600).contains(duration?.seconds ?? 1) else {
            throw ValidationError("--duration takes 0.5s to 1h")
        }
        guard randomTop == nil || random != nil else { throw ValidationError("--random-top needs --random") }
        guard randomFrom == nil || random != nil else {
            throw ValidationError("--random-from needs --random")
        }
        guard (1...100_000).contains(randomFrom ?? 1) else {
            throw ValidationError("--random-from takes 1 to 100000")
        }
        guard load == nil || link != nil else { throw ValidationError("--load needs --link") }
        guard originLink == nil || load != nil else { throw ValidationError("--origin-link needs --load") }
        _ = try comparison()
    }

    func run() async throws {
        if list { return CompareListing.show() }
        let (comparison, skipped) = try comparison()
        let signals = StopSignals()
        let stop = Gate()
        let stopping = Task {
            await signals.first()
            stop.open()
        }
        defer { stopping.cancel() }
        complain(
            "compare: \(comparison.trialCount) trials, about \(Self.minutes(comparison.estimatedSeconds))"
        )
        let outcome = await Blocking.run { Result { try comparison.run(stop: stop) } }
        switch outcome {
        case .success(var result):
            result.skipped = skipped
            try publish(result)
        case .failure(let error):
            complain("compare: \(error)")
            throw ExitStatus.unavailable
        }
    }

    private func publish(_ result: CompareResult) throws {
        for line in CompareText(result).lines { print(line) }
        flushOutput()
        if let json { try write(try result.json, to: json) }
        if let report { try write(ComparePage(result).html, to: report) }
        guard result.failures.isEmpty else { throw ExitStatus.unavailable }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            complain("cannot write \(path): \(error.localizedDescription)")
            throw ExitStatus.unavailable
        }
    }

    private static func minutes(_ seconds: Double) -> String {
        seconds < 90 ? "\(Int(seconds)) s" : "\(Int((seconds / 60).rounded(.up))) minutes"
    }
}

// What the options ask for.
extension BenchCompareCommand {
    /// `--quick` is what one gets without saying what to compare.
    private var isQuick: Bool {
        quick || (!full && scenario.isEmpty && candidate.isEmpty && link == nil && random == nil)
    }

    private func comparison() throws -> (Comparison, [SkippedScenario]) {
        let wanted = try scenarios()
        let skipped = wanted.compactMap { scenario in
            scenario.load.refusal.map { SkippedScenario(name: scenario.name, reason: $0) }
        }
        if let missing = skipped.first(where: { scenario.contains($0.name) }) {
            throw ValidationError("scenario '\(missing.name)' cannot run here: \(missing.reason)")
        }
        var comparison = Comparison(
            scenarios: wanted.filter { $0.load.refusal == nil },
            candidates: try candidates(),
            rounds: rounds ?? (isQuick ? 2 : random != nil ? 1 : 3),
            seed: seed,
            congestionControl: hostCC
        )
        comparison.command = ["sluice"] + CommandLine.arguments.dropFirst()
        comparison.onProgress = { complain(CompareText.line($0)) }
        return (comparison, skipped)
    }

    private func scenarios() throws -> [Scenario] {
        var chosen = try scenario.map { name in
            guard let known = Scenario.named(name) else {
                let allowed = Scenario.all.map(\.name).joined(separator: ", ")
                throw ValidationError("there is no scenario '\(name)' (allowed: \(allowed))")
            }
            return known
        }
        if let link { chosen += try scenarios(on: Self.specification(link, of: "--link")) }
        if let random {
            let cells = RandomCells(seed: seed, topBitsPerSecond: randomTop?.bitsPerSecond)
            chosen += cells.scenarios(random, from: randomFrom ?? 1)
        }
        if chosen.isEmpty { chosen = isQuick ? Scenario.quick : Scenario.all }
        if let duration { for index in chosen.indices { chosen[index].seconds = duration.seconds } }
        return chosen
    }

    private func scenarios(on link: LinkSpecification) throws -> [Scenario] {
        guard let load else { return Scenario.mixed(on: link) }
        let behind = try originLink.map { try Self.specification($0, of: "--origin-link") }
        do throws(WorkloadError) {
            let workload = try Workload(parsing: load)
            return [.own(workload, on: link, originLink: behind)]
        } catch {
            throw ValidationError("--load: \(error)")
        }
    }

    private static func specification(_ text: String, of option: String) throws -> LinkSpecification {
        do throws(LinkSpecificationError) {
            return try LinkSpecification(parsing: text)
        } catch {
            throw ValidationError("\(option): \(error)")
        }
    }

    private func candidates() throws -> [Candidate] {
        do throws(CandidateError) {
            var chosen: [Candidate] = []
            for name in candidate { chosen.append(try Candidate(parsing: name)) }
            if chosen.isEmpty {
                chosen =
                    isQuick ? Candidate.quick : random != nil ? [.kernel, .adaptive] : Candidate.standard
            }
            chosen += try Peer.parse(list: peers ?? "").map { .peer($0) }
            return chosen.enumerated().filter { !chosen[..<$0].contains($1) }.map(\.element)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// What `--list` prints.
private enum CompareListing {
    static func show() {
        print("Scenarios:")
        for scenario in Scenario.all {
            print("  \(scenario.name): \(scenario.summary)")
            print("      link: \(scenario.link.map { "\($0)" } ?? "loopback")")
            if let link = scenario.originLink { print("      to the origin: \(link)") }
            print("      measures: \(scenario.measures.map(\.title).joined(separator: ", "))")
            if let reason = scenario.load.refusal { print("      cannot run here: \(reason)") }
        }
        print("Candidates:")
        for candidate in Candidate.standard + [.adaptiveUnprivileged] + Peer.allCases.map({ .peer($0) }) {
            print("  \(candidate.name): \(candidate.summary)")
        }
    }
}
