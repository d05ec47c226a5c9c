import Foundation
import Testing

/// A monotonic clock of its own for one program (time_namespaces(7)).
enum TimeNamespace {
    /// What to start a program with so that its clock is `offset` seconds ahead. Without a fork, so that signals reach the program:
    /// execve(2) enters the namespace since Linux 6.3.
    static func launcher(offset: Int) throws -> [String] {
        [try Tool.unshare.require(), "--map-root-user", "--time", "--monotonic", "\(offset)"]
    }

    fileprivate static let isPossible: Bool = {
        // The fields of /proc/uptime are of the namespace, too, but of its boot clock.
        guard let python = Tool.python.path,
            let command = try? launcher(offset: 1_000_000) + [
                python, "-c", "import time; print(time.monotonic())",
            ],
            let result = try? run(command[0], Array(command.dropFirst())),
            let shown = Double(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return false }
        return shown > 1_000_000
    }()
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where no time namespace can be made, or a program does not enter it.
    static var needsTimeNamespace: Self {
        .enabled(if: TimeNamespace.isPossible || isCI, "needs unshare(1) with time namespaces, Linux 6.3")
    }
}
