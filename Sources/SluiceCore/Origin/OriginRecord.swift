import Synchronization

/// How an origin of a route stands: what all workers share of it, and what a reload hands on where the route's name and the
/// origin's address stay.
///
/// Shared because a limit, an ejection and a drain mean the process, not one of its loops; a connection costs it a few
/// relaxed atomics, and bytes cost it nothing. Safe from any thread. Times are milliseconds of the loops' monotonic clock.
final class OriginRecord: Sendable {
    /// Connections that it has now, or that are on their way to it.
    let places = PlaceCounter()
    private let ejection = Locked(EjectionState())
    /// What `ejection` says, to be read without its lock.
    private let publishedEjectedUntil = Atomic<UInt64>(0)
    private let wantsSuccess = Atomic<Bool>(false)
    private let checksPass = Atomic<Bool>(true)
    private let turns = Atomic<UInt64>(0)
    private let drained = Atomic<Bool>(false)
    /// When the log may hear again that the origin's name does not resolve.
    private let nextResolveWarning = Atomic<UInt64>(0)
    private static let resolveWarningMilliseconds: UInt64 = 60_000
    /// `RoundTripEstimate`. Two workers that observe at once may lose one of two measurements, which does no harm.
    private let roundTrip = Atomic<UInt32>(0)
    private let counts = Counts()
    /// What became of the connections that were made ahead of demand.
    let warm = WarmCounts()

    /// Since the origin was configured.
    private struct Counts: ~Copyable {
        let connects = Atomic<UInt64>(0)
        let connectFailures = Atomic<UInt64>(0)
        let ejections = Atomic<UInt64>(0)
        let resolveFailures = Atomic<UInt64>(0)
        let checksPassed = Atomic<UInt64>(0)
        let checksFailed = Atomic<UInt64>(0)
    }

    // MARK: Availability

    /// Drained: it gets no new connections, whatever happens to the others.
    var isDrained: Bool {
        get { drained.load(ordering: .relaxed) }
        set { drained.store(newValue, ordering: .relaxed) }
    }

    /// What its `HealthChecker` says; true without one. Set by one thread alone.
    var passesChecks: Bool {
        get { checksPass.load(ordering: .relaxed) }
        set {
            let before = checksPass.exchange(newValue, ordering: .relaxed)
            if before, !newValue { turns.wrappingAdd(1, ordering: .releasing) }
        }
    }

    /// How often its checks have found it unhealthy that was healthy. Who sees it change sees `passesChecks` as it became, too.
    var unhealthyTurns: UInt64 { turns.load(ordering: .acquiring) }

    /// 0 when it never was ejected.
    var ejectedUntil: UInt64 { publishedEjectedUntil.load(ordering: .relaxed) }

    /// Returns whether that ejected the origin. Without `rules`, nothing does.
    func noteFailure(at now: UInt64, by rules: EjectionState.Rules?) -> Bool {
        observeRoundTrip(RoundTripEstimate.failureMicroseconds)
        guard let rules else { return false }
        let isEjected = ejection.withLock { state in
            defer { publish(state) }
            return state.failed(at: now, by: rules)
        }
        if isEjected { counts.ejections.wrappingAdd(1, ordering: .relaxed) }
        return isEjected
    }

    /// A connection brought a byte, or ended in order.
    func noteSuccess(at now: UInt64) {
        guard wantsSuccess.load(ordering: .relaxed) else { return }
        ejection.withLock { state in
            state.succeeded(at: now)
            publish(state)
        }
    }

    /// Under the lock.
    private func publish(_ state: EjectionState) {
        publishedEjectedUntil.store(state.ejectedUntil, ordering: .relaxed)
        wantsSuccess.store(state.wantsSuccess, ordering: .relaxed)
    }

    // MARK: Measurements

    /// Microseconds; 0 while nothing was measured.
    var roundTripMicroseconds: UInt32 { roundTrip.load(ordering: .relaxed) }

    func observeRoundTrip(_ microseconds: UInt32) {
        var estimate = RoundTripEstimate(microseconds: roundTripMicroseconds)
        estimate.observe(microseconds)
        roundTrip.store(estimate.microseconds, ordering: .relaxed)
    }

    // MARK: Counts

    var connects: UInt64 { counts.connects.load(ordering: .relaxed) }
    var connectFailures: UInt64 { counts.connectFailures.load(ordering: .relaxed) }
    var ejections: UInt64 { counts.ejections.load(ordering: .relaxed) }
    var resolveFailures: UInt64 { counts.resolveFailures.load(ordering: .relaxed) }
    var checksPassed: UInt64 { counts.checksPassed.load(ordering: .relaxed) }
    var checksFailed: UInt64 { counts.checksFailed.load(ordering: .relaxed) }

    func countConnect() { counts.connects.wrappingAdd(1, ordering: .relaxed) }

    func countConnectFailure() { counts.connectFailures.wrappingAdd(1, ordering: .relaxed) }

    /// A question for its name has failed. Returns whether to say so: once a minute, for all workers together.
    func countResolveFailure(at now: UInt64) -> Bool {
        counts.resolveFailures.wrappingAdd(1, ordering: .relaxed)
        let due = nextResolveWarning.load(ordering: .relaxed)
        guard now >= due else { return false }
        return nextResolveWarning.compareExchange(
            expected: due,
            desired: now + Self.resolveWarningMilliseconds,
            ordering: .relaxed
        ).exchanged
    }

    func count(checkPassed: Bool) {
        if checkPassed {
            counts.checksPassed.wrappingAdd(1, ordering: .relaxed)
        } else {
            counts.checksFailed.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
