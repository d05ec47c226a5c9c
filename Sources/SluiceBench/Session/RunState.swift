import Synchronization

/// What the threads of one side of a run share: when it begins and ends, and where they record.
final class RunState: Sendable {
    let plan: BenchPlan
    let isClient: Bool
    let recorders = Recorders()
    /// Opens when the measurement begins.
    let begin = Gate()
    /// Opens when the bulk begins: at once, but in a mixed run.
    let load = Gate()
    /// Opens when nothing more is to be sent. What is on its way still arrives.
    let stop = Gate()
    /// Opens when everything ends at once.
    let abort = Gate()

    private let beganAtStore = Atomic<UInt64>(0)
    private let loadedAtStore = Atomic<UInt64>(.max)
    private let endStore = Atomic<UInt64>(.max)
    private let peerClockStore = Atomic<Int64>(0)
    /// What is left of `plan.bytes`, for the sending end of each direction.
    private let upstreamBudget: Atomic<Int64>
    private let downstreamBudget: Atomic<Int64>

    /// How long a receiver waits for what was on its way at the end.
    let drain: UInt64

    init(plan: BenchPlan, isClient: Bool) {
        self.plan = plan
        self.isClient = isClient
        drain = BenchClock.nanoseconds(plan.drainSeconds)
        let budget = Int64(plan.bytes ?? UInt64(Int64.max / 2))
        upstreamBudget = Atomic(budget)
        downstreamBudget = Atomic(budget)
    }

    var beganAt: UInt64 { beganAtStore.load(ordering: .acquiring) }
    /// `.max` until the bulk begins.
    var loadedAt: UInt64 { loadedAtStore.load(ordering: .acquiring) }
    /// When nothing more is sent. `.max` while that is not known.
    var end: UInt64 { endStore.load(ordering: .acquiring) }
    /// When receivers give up.
    var drainEnd: UInt64 { end == .max ? .max : end + drain }
    /// What is added to the peer's clock to get this side's, nanoseconds.
    var peerClock: Int64 { peerClockStore.load(ordering: .acquiring) }

    var isOver: Bool { stop.isOpen || BenchClock.now >= end }

    /// Starts the measurement, and the bulk with it but in a mixed run.
    func start(peerClock: Int64) {
        let now = BenchClock.now
        peerClockStore.store(peerClock, ordering: .releasing)
        beganAtStore.store(now, ordering: .releasing)
        if let seconds = plan.seconds {
            endStore.store(now + BenchClock.nanoseconds(seconds), ordering: .releasing)
        }
        begin.open()
        if plan.mode != .mixed { startLoad() }
    }

    func startLoad() {
        loadedAtStore.store(BenchClock.now, ordering: .releasing)
        load.open()
    }

    /// Ends what is sent. Whoever still waits for the beginning is let through, and finds it over.
    func finish() {
        endStore.store(min(end, BenchClock.now), ordering: .releasing)
        stop.open()
        begin.open()
        load.open()
    }

    func end(at once: Bool) {
        finish()
        if once { abort.open() }
    }

    /// Takes up to `count` bytes from what `direction` may still send.
    func take(_ count: Int, of direction: FlowDirection) -> Int {
        func take(from budget: borrowing Atomic<Int64>) -> Int {
            guard plan.bytes != nil else { return count }
            let left = budget.subtract(Int64(count), ordering: .relaxed).oldValue
            return Int(max(0, min(left, Int64(count))))
        }
        return direction == .upstream ? take(from: upstreamBudget) : take(from: downstreamBudget)
    }

    /// The part of the run in which something that began at `instant` counts.
    func phase(at instant: UInt64) -> Phase {
        guard plan.mode == .mixed else { return .whole }
        return instant < loadedAt ? .idle : .loaded
    }
}
