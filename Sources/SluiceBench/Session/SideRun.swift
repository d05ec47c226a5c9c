import Glibc
import SluiceCore

/// One side of a run: its lanes, each on a thread, and the sampler on another.
///
/// Made when the data connections stand, then `start`ed, and ended by `collect`. Client and server run the same.
final class SideRun: Sendable {
    let state: RunState
    private let lanes: [Lane]
    private let workers: [BenchThread]
    private let sampling: BenchThread
    private let sampler: Locked<Sampler>
    /// Opens when the lanes are done: the sampler takes its last interval.
    private let lanesDone = Gate()
    private let cpuAtStart = SideRun.cpuSeconds()

    /// - Parameters:
    ///   - sockets: the data connections, in the order of the plan's lanes.
    ///   - extra: what else this side does: the loops of a `connect` run.
    ///   - onInterval: called on the sampler's thread.
    init(
        state: RunState,
        sockets: [BenchSocket],
        extra: [@Sendable () -> Void] = [],
        onInterval: @escaping @Sendable (IntervalReport) -> Void = { _ in }
    ) {
        let lanes = zip(state.plan.lanes, sockets).enumerated().map { index, lane in
            Lane(index: index, role: lane.0, socket: lane.1, run: state)
        }
        let sampler = Locked(Sampler(lanes: lanes, run: state))
        let done = lanesDone
        self.state = state
        self.lanes = lanes
        self.sampler = sampler
        workers =
            lanes.map { lane in BenchThread("lane-\(lane.index)") { lane.runLoad() } }
            + extra.map { BenchThread("load", $0) }
        sampling = BenchThread("sampler") {
            Self.sample(state, sampler, until: done, onInterval)
        }
        // Nobody begins before everybody is ready: making the data must not count as time of the run.
        for lane in lanes { lane.isReady.wait() }
    }

    /// Bytes moved so far, each way, and latencies recorded: for a progress line.
    var progress: (upstream: UInt64, downstream: UInt64, tallies: [Tally: UInt64]) {
        func sum(_ direction: FlowDirection) -> UInt64 {
            lanes.lazy.filter { $0.direction == direction }.reduce(0) { $0 + $1.bytes }
        }
        return (sum(.upstream), sum(.downstream), state.recorders.tallies)
    }

    /// Waits until every lane is done, or `deadline`. Returns whether they are.
    func wait(until deadline: UInt64) -> Bool {
        workers.allSatisfy { $0.join(until: deadline) }
    }

    /// Ends everything that still runs, and tells what was measured. Called once.
    func collect() -> SideReport {
        // Sampled while the sockets stand: an aborted one tells nothing.
        lanesDone.open()
        sampling.join()
        let reports = lanes.map(\.report)
        state.end(at: true)
        for lane in lanes { lane.socket.abort() }
        for worker in workers { worker.join() }
        return sampler.withLock { sampler in
            SideReport(
                facts: .current(),
                lanes: reports,
                flows: sampler.flows,
                latencySeries: sampler.latencies,
                latencies: state.recorders.results,
                tallies: state.recorders.tallies,
                cpuSeconds: Self.cpuSeconds() - cpuAtStart
            )
        }
    }

    private static func sample(
        _ state: RunState,
        _ sampler: Locked<Sampler>,
        until done: Gate,
        _ onInterval: (IntervalReport) -> Void
    ) {
        state.begin.wait()
        let interval = BenchClock.nanoseconds(state.plan.interval)
        var due = state.beganAt + interval
        // The last interval is taken when the lanes are done, and not where a whole one ends with the run itself.
        while !done.wait(until: due) {
            if due < state.end || state.end == .max { onInterval(sampler.withLock { $0.takeInterval() }) }
            due += interval
        }
        onInterval(sampler.withLock { $0.takeInterval() })
    }

    /// User and system time of this process so far.
    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
        }
    }
}
