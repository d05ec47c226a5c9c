import Foundation
import SluiceLab
import Synchronization

/// One run in the lab: starts the programs, shows the links' seconds as they pass, and says how it ended.
final class LabRun: Sendable {
    struct Plan: Sendable {
        var links: [LinkSpecification]
        var server: String?
        var proxy: String?
        var command: [String]
        /// Where the command runs: a place in the chain.
        var host: Int
        var limit: Duration
        var json: Bool
    }

    /// As timeout(1) says that the time was over.
    private static let timeIsOver: Int32 = 124

    private let network: LabNetwork
    private let plan: Plan
    private let interruption = Mutex<Int32?>(nil)

    init(network: LabNetwork, plan: Plan) {
        self.network = network
        self.plan = plan
    }

    /// Makes the run end soon, with this exit code.
    func interrupt(_ code: Int32) { interruption.withLock { $0 = code } }

    /// Returns the exit code. The caller tears the network down.
    func untilItEnds() async throws -> Int32 {
        let end = ContinuousClock.now + plan.limit
        for line in LabText.head(network) { complain(line) }
        try await start(plan.server, on: network.hosts[network.hosts.count - 1])
        try await start(plan.proxy, on: network.host(1))
        for link in network.links { link.restartClock() }
        let process = try network.spawn(
            plan.command[0],
            Array(plan.command.dropFirst()),
            on: network.host(plan.host),
            output: plan.json ? .standardError : .inherit,
            inForeground: true
        )
        let code = await follow(process, until: end)
        Terminal.takeBack()
        try report(code)
        return code
    }

    private func follow(_ process: LabProcess, until end: ContinuousClock.Instant) async -> Int32 {
        var shown = 0
        while true {
            let exit = process.result
            if !plan.json { shown = showSeconds(from: shown) }
            if let exit { return exit.code }
            if let code = interruption.withLock({ $0 }) { return code }
            if ContinuousClock.now >= end { return Self.timeIsOver }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// A server that listens on no TCP port has five seconds to become ready.
    private func start(_ text: String?, on host: LabHost) async throws {
        guard let text else { return }
        let known = try host.listeningPorts()
        let process = try network.spawn(
            "/bin/sh",
            ["-c", text],
            on: host,
            output: plan.json ? .standardError : .inherit
        )
        let isListening = try await process.listens(on: host, beside: known) {
            interruption.withLock { $0 != nil }
        }
        if !isListening { complain("lab: '\(text)' listens on no TCP port; going on") }
    }

    private func showSeconds(from shown: Int) -> Int {
        let statistics = network.links.map { $0.statistics() }
        let done = statistics.map { min($0.up.perSecond.count, $0.down.perSecond.count) }.min() ?? 0
        for second in shown..<max(shown, done) {
            for (index, link) in statistics.enumerated() {
                complain(LabText.line("\(second + 1) s", index, .up, link.up.perSecond[second]))
                complain(LabText.line("\(second + 1) s", index, .down, link.down.perSecond[second]))
            }
        }
        return max(shown, done)
    }

    private func report(_ code: Int32) throws {
        let links = network.links.map(\.report)
        if plan.json {
            print(try LabDocument(exitCode: code, links: links).text())
            flushOutput()
            return
        }
        for (index, link) in links.enumerated() {
            complain(LabText.line("total", index, .up, link.statistics.up.total))
            complain(LabText.line("total", index, .down, link.statistics.down.total))
            complain(
                String(format: "lab: link %d took %.2f s of CPU time", index, link.statistics.cpuSeconds)
            )
            for warning in link.warnings { complain("lab: link \(index) \(warning)") }
        }
    }
}
