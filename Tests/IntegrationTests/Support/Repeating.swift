import Synchronization

/// Threads that do something again and again until they are stopped.
final class Repeating: Sendable {
    private let state: State
    private let threads: [Background<Void>]

    private final class State: Sendable {
        let isStopping = Atomic<Bool>(false)
        let count = Atomic<Int>(0)
    }

    /// - Parameter step: what a thread does, told which thread it is and how often it did it before.
    init(threads: Int, _ step: @escaping @Sendable (_ thread: Int, _ round: Int) throws -> Void) {
        let state = State()
        self.state = state
        self.threads = (0..<threads).map { thread in
            Background {
                var round = 0
                while !state.isStopping.load(ordering: .relaxed) {
                    try step(thread, round)
                    round += 1
                    state.count.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
    }

    /// How often it was done, over all threads.
    var count: Int { state.count.load(ordering: .relaxed) }

    /// Waits until every thread is through with what it does. Returns the count; throws what one of them has thrown.
    func stop() throws -> Int {
        state.isStopping.store(true, ordering: .relaxed)
        for thread in threads { try thread.value() }
        return count
    }
}
