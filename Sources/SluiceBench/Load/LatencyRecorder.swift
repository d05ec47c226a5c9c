import SluiceCore

/// The latencies and counts of one side of a run. Every thread records here, and the sampler asks what was new.
final class Recorders: Sendable {
    private struct Key: Hashable {
        let metric: Metric
        let phase: Phase
    }

    private struct State {
        var whole: [Key: LatencyHistogram] = [:]
        var sinceLast: [Metric: LatencyHistogram] = [:]
        var tallies: [Tally: UInt64] = [:]
    }

    private let state = Locked(State())

    func record(_ metric: Metric, _ phase: Phase, _ nanoseconds: UInt64) {
        state.withLock {
            $0.whole[Key(metric: metric, phase: phase), default: .init()].record(nanoseconds)
            $0.sinceLast[metric, default: .init()].record(nanoseconds)
        }
    }

    func count(_ tally: Tally, _ amount: UInt64 = 1) {
        state.withLock { $0.tallies[tally, default: 0] += amount }
    }

    var tallies: [Tally: UInt64] { state.withLock { $0.tallies } }

    /// What was recorded since the last call.
    func takeInterval() -> [Metric: LatencyHistogram] {
        state.withLock { state in
            defer { state.sinceLast = [:] }
            return state.sinceLast
        }
    }

    var results: [LatencyResult] {
        state.withLock { state in
            state.whole.map { key, histogram in
                LatencyResult(metric: key.metric, phase: key.phase, histogram: histogram)
            }
        }
    }
}
