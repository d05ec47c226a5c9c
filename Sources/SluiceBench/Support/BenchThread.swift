import SluiceCore

/// A thread that can be waited for.
final class BenchThread: Sendable {
    private let done = Gate()

    /// `name` shows in `top -H`; the kernel keeps 15 bytes of it.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let done = done
        LoopThread.start(name: name) {
            BenchClock.wakeExactly()
            body()
            done.open()
        }
    }

    /// Waits for the body's end. Returns whether it came before `deadline`.
    @discardableResult
    func join(until deadline: UInt64 = .max) -> Bool { done.wait(until: deadline) }
}
