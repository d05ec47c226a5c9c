import Synchronization

/// The ceiling on relay buffers of the whole process. Every worker's pool takes from it.
///
/// Invariant: 0 <= used <= ceiling.
final class MemoryBudget: Sendable {
    let ceiling: Int
    private let usedBytes = Atomic<Int>(0)

    init(ceiling: Int) { self.ceiling = ceiling }

    var used: Int { usedBytes.load(ordering: .relaxed) }

    /// Whether less than an eighth is left: leases are about to be smaller than they are asked for.
    var isTight: Bool { ceiling - used < ceiling / 8 }

    /// Takes `bytes` from the budget. False, and nothing taken, when they do not fit.
    func reserve(_ bytes: Int) -> Bool {
        var current = usedBytes.load(ordering: .relaxed)
        while current + bytes <= ceiling {
            let (done, seen) = usedBytes.weakCompareExchange(
                expected: current,
                desired: current + bytes,
                ordering: .relaxed
            )
            if done { return true }
            current = seen
        }
        return false
    }

    /// Gives back what `reserve` took.
    func release(_ bytes: Int) {
        let left = usedBytes.wrappingSubtract(bytes, ordering: .relaxed).newValue
        assert(left >= 0, "more memory was released than reserved")
    }
}
