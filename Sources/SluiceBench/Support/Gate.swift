import Foundation
import Synchronization

/// An event that happens once: threads wait for it, or ask whether it has happened.
public final class Gate: Sendable {
    private let flag = Atomic<Bool>(false)
    private let condition = NSCondition()

    public init() {}

    public var isOpen: Bool { flag.load(ordering: .acquiring) }

    /// Lets everybody through, now and later.
    public func open() {
        condition.lock()
        flag.store(true, ordering: .releasing)
        condition.broadcast()
        condition.unlock()
    }

    /// Waits for `open`, until `deadline` (`BenchClock`). Returns whether it is open.
    @discardableResult
    func wait(until deadline: UInt64 = .max) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isOpen {
            let now = BenchClock.now
            guard now < deadline else { return false }
            // At most a minute at once: what a Date cannot hold must not overflow.
            let seconds = min(Double(deadline - now) / 1e9, 60)
            _ = condition.wait(until: Date(timeIntervalSinceNow: seconds))
        }
        return true
    }
}
