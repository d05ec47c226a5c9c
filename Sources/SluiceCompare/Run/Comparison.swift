import Foundation
import SluiceBench
import SluiceConfig
import SluiceLab

/// Runs candidates over scenarios, in rounds.
public struct Comparison: Sendable {
    public var scenarios: [Scenario]
    /// In the order of tables.
    public var candidates: [Candidate]
    public var rounds: Int
    public var seed: UInt64
    /// Of all hosts, unless a scenario has its own.
    public var congestionControl: String
    /// As it was typed, for the result.
    public var command: [String] = []
    /// Called on the thread of `run`, after each trial.
    public var onProgress: @Sendable (ComparisonProgress) -> Void = { _ in }

    public init(
        scenarios: [Scenario],
        candidates: [Candidate],
        rounds: Int,
        seed: UInt64,
        congestionControl: String = "cubic"
    ) {
        self.scenarios = scenarios
        self.candidates = candidates
        self.rounds = rounds
        self.seed = seed
        self.congestionControl = congestionControl
    }

    /// The best static setting is looked for among all of these sizes with the hosts' congestion control, and among some
    /// with the other one of CUBIC and BBR, or with a short unsent queue.
    static let sweptSizes = [16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20]
    private static let sizesOfOther = [64 << 10, 1 << 20, 16 << 20]
    private static let sizesWithLowat = [1 << 20, 16 << 20]
    private static let sweptLowat = 16 << 10

    /// - Parameter hosts: the congestion control of the scenario's hosts.
    static func sweepSettings(hosts: String) -> [StaticSetting] {
        let other = hosts == "bbr" ? "cubic" : "bbr"
        return sweptSizes.map { StaticSetting(bytes: $0) }
            + sizesOfOther.map { StaticSetting(bytes: $0, congestionControl: other) }
            + sizesWithLowat.map { StaticSetting(bytes: $0, notSentLowat: sweptLowat) }
    }

    /// As many in every scenario.
    private var stepCount: Int { sweeps ? Self.sweepSettings(hosts: congestionControl).count : 0 }

    private var sweeps: Bool { candidates.contains(.bestStatic) }

    public var trialCount: Int {
        scenarios.count * (rounds * candidates.count + stepCount)
    }

    /// A trial takes about so much longer than it measures: hosts, servers, and what is still on its way.
    private static let overhead = 1.2

    /// About how long it takes.
    public var estimatedSeconds: Double {
        let each = scenarios.reduce(0) { $0 + $1.seconds + Self.overhead }
        return each * Double(rounds * candidates.count + stepCount)
    }

    /// Runs to the end, or until `stop` opens: what was measured until then is the result. Blocks its thread.
    /// - Throws: `LabError` or `CandidateError` where nothing can be measured at all.
    public func run(stop: Gate = Gate()) throws -> CompareResult {
        let started = ContinuousClock.now
        var result = try makeResult(stop)
        var progress = ComparisonProgress(total: trialCount)
        do {
            for index in scenarios.indices where sweeps {
                try sweep(index, &result, &progress, stop)
            }
            let rotation = Rotation(candidates, seed: seed)
            for round in 1...max(1, rounds) {
                for index in scenarios.indices {
                    for candidate in rotation.candidates(round: round) {
                        let best = try result.scenarios[index].sweep?.bestSetting
                        let run = trialRun(scenarios[index], candidate, best, round, stop)
                        let trial = try run.run()
                        result.scenarios[index].trials.append(trial)
                        onProgress(progress.advance(scenarios[index], trial))
                    }
                }
            }
        } catch is Stopped {
            result.wasInterrupted = true
        }
        result.seconds = (ContinuousClock.now - started) / .seconds(1)
        return result
    }

    private func makeResult(_ stop: Gate) throws -> CompareResult {
        let stand = try TestStand([], congestionControl: congestionControl, stop: stop)
        defer { stand.tearDown() }
        var result = CompareResult(
            command: command,
            date: Date.now.formatted(.iso8601),
            machine: .current(),
            versions: try versions(stand),
            seed: seed,
            rounds: rounds
        )
        result.scenarios = scenarios.map(record)
        return result
    }

    /// Also finds out, before anything is measured, which peers are missing.
    private func versions(_ stand: TestStand) throws -> [String: String] {
        var versions: [String: String] = [:]
        for case .peer(let peer) in candidates {
            let program = Program(peer.rawValue, try peer.executable(), peer.versionArguments)
            let running = try stand.start(program, on: stand.clientHost)
            let outputs = try stand.wait(for: [running], until: ContinuousClock.now + .seconds(15))
            // nginx writes its version to standard error.
            let errors = try String(contentsOfFile: running.errors, encoding: .utf8)
            let lines = (outputs[0].text + "\n" + errors).split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let version = lines.first { !$0.isEmpty } ?? "unknown"
            // Envoy says where it is installed, too, which is nobody else's business.
            versions[peer.rawValue] = version.replacing(program.command, with: peer.rawValue)
        }
        return versions
    }

    private func record(_ scenario: Scenario) -> ScenarioResult {
        ScenarioResult(
            name: scenario.name,
            summary: scenario.summary,
            link: scenario.link?.description,
            originLink: scenario.originLink?.description,
            congestionControl: scenario.congestionControl ?? congestionControl,
            seconds: scenario.seconds,
            measures: scenario.measures,
            claims: scenario.claims,
            baseline: scenario.baseline.name,
            candidates: candidates.map(\.name)
        )
    }

    private func trialRun(
        _ scenario: Scenario,
        _ candidate: Candidate,
        _ best: StaticSetting?,
        _ round: Int,
        _ stop: Gate
    ) -> TrialRun {
        TrialRun(
            scenario: scenario,
            candidate: candidate,
            best: best,
            round: round,
            seed: seed,
            congestionControl: scenario.congestionControl ?? congestionControl,
            stop: stop
        )
    }

    private func sweep(
        _ index: Int,
        _ result: inout CompareResult,
        _ progress: inout ComparisonProgress,
        _ stop: Gate
    ) throws {
        let scenario = scenarios[index]
        var sweep = StaticSweep()
        defer { result.scenarios[index].sweep = sweep }
        for setting in Self.sweepSettings(hosts: scenario.congestionControl ?? congestionControl) {
            let run = trialRun(scenario, .sluice(.fixed(setting)), nil, 0, stop)
            let trial = try run.run()
            sweep.steps.append(
                StaticSweep.Step(
                    setting: "\(setting)",
                    value: trial.values[scenario.primary.id],
                    goodput: scenario.measures.contains(.goodput) ? trial.values[Measure.goodput.id] : nil,
                    failure: trial.failure
                )
            )
            onProgress(progress.advance(scenario, trial))
        }
        sweep.conclude(scenario.primary.better)
    }
}

extension StaticSweep {
    fileprivate var bestSetting: StaticSetting? {
        get throws { try best.map { try StaticSetting(parsing: $0) } }
    }
}

/// How far a comparison has come.
public struct ComparisonProgress: Sendable {
    public private(set) var done = 0
    public var total: Int
    /// What has just ended.
    public private(set) var scenario = ""
    public private(set) var measure: Measure?
    public private(set) var trial: Trial?

    init(total: Int) { self.total = total }

    fileprivate mutating func advance(_ scenario: Scenario, _ trial: Trial) -> ComparisonProgress {
        done += 1
        self.scenario = scenario.name
        measure = scenario.primary
        self.trial = trial
        return self
    }
}
