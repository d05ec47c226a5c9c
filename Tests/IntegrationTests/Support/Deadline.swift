// Waiting, the only way these tests do it: for a condition, with a generous limit, never for a length of time.

import Foundation

/// When a test gives something up for lost. Far beyond what any step needs, because sanitizer builds are ten times
/// slower and machines are shared.
struct Deadline {
    /// `SLUICE_TEST_PATIENCE` (seconds) overrides it.
    static let patience: Duration = {
        let seconds = ProcessInfo.processInfo.environment["SLUICE_TEST_PATIENCE"].flatMap(Int.init)
        return .seconds(seconds ?? 60)
    }()

    private let end: ContinuousClock.Instant

    init(after patience: Duration = Deadline.patience) {
        end = .now + patience
    }

    var hasPassed: Bool { .now >= end }

    /// What is left, as `poll(2)` takes it.
    var pollMilliseconds: Int32 {
        let left = ContinuousClock.now.duration(to: end)
        return max(
            0,
            Int32(
                clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            )
        )
    }
}

/// Something did not happen in time.
struct DeadlinePassed: Error, CustomStringConvertible {
    let awaited: String
    var description: String { "waited in vain for \(awaited)" }
}

/// Probes until `probe` returns a value, and returns it. Throws `DeadlinePassed`, or what `probe` throws.
func waitFor<Value>(
    _ awaited: @autoclosure () -> String,
    deadline: Deadline = Deadline(),
    probe: () throws -> Value?
) throws -> Value {
    while true {
        if let value = try probe() { return value }
        guard !deadline.hasPassed else { throw DeadlinePassed(awaited: awaited()) }
        usleep(5000)  // between two probes; how long it is decides nothing
    }
}

/// Probes until `condition` holds.
func waitUntil(
    _ awaited: @autoclosure () -> String,
    deadline: Deadline = Deadline(),
    condition: () throws -> Bool
) throws {
    _ = try waitFor(awaited(), deadline: deadline) { try condition() ? true : nil }
}
