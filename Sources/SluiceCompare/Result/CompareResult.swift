import Foundation
import SluiceBench
import SluiceLab

/// Everything that a comparison measured, and what is needed to run it again.
public struct CompareResult: Codable, Sendable {
    /// Of this document: raised when a field changes its meaning.
    public var schema = 1
    /// The exact command.
    public var command: [String]
    /// When it began: ISO 8601, UTC.
    public var date: String
    public var machine: MachineFacts
    /// What the peers say about their version, by name.
    public var versions: [String: String]
    public var seed: UInt64
    /// How many were asked for. A scenario's trials say how many there are.
    public var rounds: Int
    public var seconds: Double = 0
    /// Stopped by a signal before its end.
    public var wasInterrupted = false
    public var scenarios: [ScenarioResult] = []
    public var skipped: [SkippedScenario] = []
}

extension CompareResult {
    /// Of all rounds, those of sweeps apart.
    public var failures: [(scenario: String, trial: Trial)] {
        scenarios.flatMap { scenario in
            scenario.trials.filter { $0.failure != nil }.map { (scenario.name, $0) }
        }
    }

    /// The whole result, its keys in order.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Reads what `json` wrote.
    public init(json: String) throws {
        self = try JSONDecoder().decode(CompareResult.self, from: Data(json.utf8))
    }
}

/// The machine that everything ran on.
public struct MachineFacts: Codable, Sendable {
    public var facts: EndpointFacts
    public var cpuModel: String
    /// Well above 0: something else ran on the machine, and the numbers are worth less.
    public var loadAverageBefore: Double
}

/// A scenario that could not run here.
public struct SkippedScenario: Codable, Sendable {
    public var name: String
    public var reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}

/// A scenario and all of its trials.
public struct ScenarioResult: Codable, Sendable {
    public var name: String
    public var summary: String
    /// As the lab reads it. `nil`: loopback.
    public var link: String?
    public var originLink: String?
    /// Of all hosts.
    public var congestionControl: String
    /// Length of one trial.
    public var seconds: Double
    public var measures: [Measure]
    public var claims: [Claim]
    /// The name of the candidate that the claims are measured against.
    public var baseline: String
    /// The names of the candidates, in the order of tables.
    public var candidates: [String]
    public var sweep: StaticSweep?
    /// In the order in which they ran.
    public var trials: [Trial] = []

    /// The first of `measures`.
    public var primary: Measure { measures[0] }
}

/// The search for the best static setting of a scenario: one trial each.
public struct StaticSweep: Codable, Sendable {
    public struct Step: Codable, Sendable {
        /// As in a candidate's name: `64K`, `1M-bbr`.
        public var setting: String
        /// Of the scenario's primary measure. `nil` when the trial failed.
        public var value: Double?
        /// Where the scenario measures it.
        public var goodput: Double?
        public var failure: String?
    }

    public var steps: [Step] = []
    /// The setting that was found. `nil` when every trial failed.
    public var best: String?

    /// Finds the best of all steps. Of equal ones it is the earlier.
    mutating func conclude(_ better: Measure.Preference) {
        let full = steps.compactMap(\.goodput).max() ?? 0
        let fair = steps.filter { ($0.goodput ?? full) >= full * Measure.fairShareOfGoodput }
        let values = fair.compactMap { step in step.value.map { (step.setting, $0) } }
        best = values.min { better == .less ? $0.1 < $1.1 : $0.1 > $1.1 }?.0
    }
}

/// One candidate in one round of one scenario.
public struct Trial: Codable, Sendable {
    /// Its name.
    public var candidate: String
    /// From 1.
    public var round: Int
    /// Of the link's losses and jitter and of the load's draws: the same for all candidates of the round.
    public var seed: UInt64
    /// Why it has no values.
    public var failure: String?
    /// What a reader must know about its values.
    public var warnings: [String] = []
    /// By `Measure.id`, in base units.
    public var values: [String: Double] = [:]
    /// `nil` for a trial without a proxy.
    public var proxy: ProxyCost?
    /// From the client on.
    public var links: [LinkStatistics] = []
    public var results: [BenchResult] = []
    public var distributions: [Distribution] = []
}

/// What a proxy cost in a trial.
public struct ProxyCost: Codable, Sendable, Equatable {
    /// User and system time of all of its processes while the clients ran.
    public var cpuSeconds: Double
    /// Resident memory of all of its processes before the clients started, and at its most, bytes.
    public var residentStart: UInt64
    public var residentPeak: UInt64
    /// What the kernel held for its TCP sockets, at its most, bytes (`INET_DIAG_SKMEMINFO`).
    public var kernelTCPPeak: UInt64
    /// What the load made it hold: growth of the resident memory, and the kernel's TCP memory, together at their most.
    public var heldPeak: UInt64
}

extension Measure {
    /// Who gets less than this share of the best goodput in a scenario has not won anything else there: a proxy that hardly
    /// sends has short queues and empty buffers.
    static let fairShareOfGoodput = 0.9

    /// CPU time of the proxy's processes for 10^9 bytes of payload.
    public static let cpuPerGigabyte = Measure("cpu_per_gigabyte", "CPU", .secondsPerGigabyte, better: .less)
    /// `ProxyCost.heldPeak`.
    public static let memoryHeld = Measure("memory_held", "memory held", .bytes, better: .less)

    /// Whether only a proxy has it, and a direct connection has not.
    var isOfProxy: Bool { self == .cpuPerGigabyte || self == .memoryHeld }
}
