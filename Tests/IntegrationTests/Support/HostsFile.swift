import Foundation
import Testing

/// Names for one process: a hosts file of its own, mounted over /etc/hosts in a mount namespace. Changing the file
/// changes the names while the process runs.
struct HostsFile {
    private let path: String

    init(_ text: String, in directory: URL) throws {
        path = try directory.write(text, to: "hosts")
    }

    /// Overwrites the file in place: the mount shows this file, whatever stands under its name later.
    func rewrite(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// What to start a program with so that it sees this file.
    func launcher() throws -> [String] {
        let mount = #"mount --bind "$0" /etc/hosts && exec "$@""#
        return [try Tool.unshare.require(), "--map-root-user", "--mount", "sh", "-c", mount, path]
    }

    fileprivate static let isPossible: Bool = {
        let result = try? withTemporaryDirectory { directory in
            let command = try HostsFile("127.0.0.1 probe.test\n", in: directory).launcher() + ["true"]
            return try run(command[0], Array(command.dropFirst()))
        }
        return result?.status == 0
    }()
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where no mount namespace can be made: some containers forbid it.
    static var needsHostsFile: Self {
        .enabled(if: HostsFile.isPossible || isCI, "needs unshare(1) with user and mount namespaces")
    }
}
