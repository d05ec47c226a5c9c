import Synchronization

/// What became of an origin's warm connections, since the origin was configured. Safe from any thread.
final class WarmCounts: Sendable {
    /// Atomics do not stand in an array by themselves.
    private final class Counter: Sendable { let value = Atomic<UInt64>(0) }

    private let openedCount = Counter()
    private let hitCount = Counter()
    private let missCount = Counter()
    private let discardCounts = WarmDiscard.allCases.map { _ in Counter() }

    var opened: UInt64 { openedCount.value.load(ordering: .relaxed) }
    /// Connections that found a warm one, and that did not.
    var hits: UInt64 { hitCount.value.load(ordering: .relaxed) }
    var misses: UInt64 { missCount.value.load(ordering: .relaxed) }
    /// Indexed as `WarmDiscard.allCases`.
    var discards: [UInt64] { discardCounts.map { $0.value.load(ordering: .relaxed) } }

    func countOpened() { Self.add(openedCount) }

    func countTake(isHit: Bool) { Self.add(isHit ? hitCount : missCount) }

    func countDiscard(_ reason: WarmDiscard) { Self.add(discardCounts[reason.index]) }

    private static func add(_ counter: Counter) { counter.value.wrappingAdd(1, ordering: .relaxed) }
}
