@testable import SluiceCore

/// A deadline that notes when it fired, and then does what its test wants.
final class ProbeEntry: DeadlineEntry {
    private(set) var firings: [UInt64] = []
    var whenFired: (ProbeEntry, UInt64) -> Void

    init(whenFired: @escaping (ProbeEntry, UInt64) -> Void = { _, _ in }) {
        self.whenFired = whenFired
    }

    override func deadlineReached(now: UInt64) {
        firings.append(now)
        whenFired(self, now)
    }
}
