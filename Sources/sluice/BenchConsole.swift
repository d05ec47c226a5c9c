import Foundation
import SluiceBench
import SluiceCore

/// Where a run is shown while it lasts: lines, and on a terminal one more that is written over again and again.
final class BenchConsole: Sendable {
    private let lines: IntervalLines
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    /// The lines come from the run's sampler, the progress from its own thread.
    private let progress = Locked(ProgressLine())

    /// Carriage return, and erase to the end of the line (ECMA-48, EL).
    private static let rewrite = "\r\u{1B}[K"

    init(plan: BenchPlan) { lines = IntervalLines(plan) }

    func start(target: String) {
        print("connecting to \(target)")
        flushOutput()
    }

    func show(_ interval: IntervalReport) {
        progress.withLock { _ in
            if isTerminal { print(Self.rewrite, terminator: "") }
            if interval.start == 0 { print(lines.header) }
            for line in lines.lines(interval) { print(line) }
            flushOutput()
        }
    }

    func show(_ now: RunProgress) {
        guard isTerminal else { return }
        progress.withLock { progress in
            print(Self.rewrite + progress.text(now), terminator: "")
            flushOutput()
        }
    }

    /// The summary, after everything else.
    static func conclude(_ result: BenchResult) {
        if isatty(STDOUT_FILENO) == 1 { print(rewrite, terminator: "") }
        print("")
        for line in SummaryText(result).lines { print(line) }
    }
}

extension BenchClient {
    /// Shows the run while it lasts, from its first attempt to connect on.
    mutating func show(on console: BenchConsole) {
        console.start(target: address.description)
        onInterval = { console.show($0) }
        onProgress = { console.show($0) }
    }

    /// Runs to the end, or until the first SIGINT or SIGTERM. What prevents a run is told, and then thrown as an exit code.
    func runUntilSignal() async throws -> BenchResult {
        let signals = StopSignals()
        let stop = Gate()
        let stopping = Task {
            await signals.first()
            stop.open()
        }
        defer { stopping.cancel() }
        switch await Blocking.run({ Result { () throws(BenchError) in try run(stop: stop) } }) {
        case .success(let result): return result
        case .failure(let error):
            complain(error.description)
            throw ExitStatus.unavailable
        }
    }
}
