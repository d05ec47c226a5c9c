import Foundation
import Testing

/// A program that tests need, and the Debian package that has it.
struct Tool: Sendable {
    let name: String
    let package: String
    /// Where it is looked for after `PATH`: Debian keeps PostgreSQL's servers apart.
    var extraDirectories: [String] = []

    static let sha256sum = Tool(name: "sha256sum", package: "coreutils")
    static let curl = Tool(name: "curl", package: "curl")
    static let redisServer = Tool(name: "redis-server", package: "redis-server")
    static let redisBenchmark = Tool(name: "redis-benchmark", package: "redis-tools")
    static let haproxy = Tool(name: "haproxy", package: "haproxy")
    static let nginx = Tool(name: "nginx", package: "nginx")
    static let mosquitto = Tool(name: "mosquitto", package: "mosquitto")
    static let mosquittoPublish = Tool(name: "mosquitto_pub", package: "mosquitto-clients")
    static let mosquittoSubscribe = Tool(name: "mosquitto_sub", package: "mosquitto-clients")
    static let prometheus = Tool(name: "prometheus", package: "prometheus")
    static let promtool = Tool(name: "promtool", package: "prometheus")
    static let postgres = postgresTool("postgres", package: "postgresql")
    static let initdb = postgresTool("initdb", package: "postgresql")
    static let psql = postgresTool("psql", package: "postgresql-client")
    static let pgbench = postgresTool("pgbench", package: "postgresql")
    static let chromium = Tool(name: "chromium", package: "chromium")
    static let iperf3 = Tool(name: "iperf3", package: "iperf3")
    static let prlimit = Tool(name: "prlimit", package: "util-linux")
    static let setpriv = Tool(name: "setpriv", package: "util-linux")
    static let nsenter = Tool(name: "nsenter", package: "util-linux")
    static let ip = Tool(name: "ip", package: "iproute2")
    static let nft = Tool(name: "nft", package: "nftables")
    static let python = Tool(name: "python3", package: "python3")
    static let gcc = Tool(name: "gcc", package: "gcc")
    static let unshare = Tool(name: "unshare", package: "util-linux")

    private static func postgresTool(_ name: String, package: String) -> Tool {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        return Tool(name: name, package: package, extraDirectories: newestFirst.map { "\(root)/\($0)/bin" })
    }

    /// `nil` when it is not installed.
    var path: String? {
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(
            String.init
        )
        // PostgreSQL's own directory first: what stands in PATH may be a wrapper that drops privileges by itself.
        return (extraDirectories + search + ["/usr/sbin", "/sbin"])
            .map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The path; throws an error that names the package.
    func require() throws -> String {
        guard let path else { throw MissingTool(description: "\(name) is missing: apt install \(package)") }
        return path
    }
}

struct MissingTool: Error, CustomStringConvertible {
    let description: String
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where a tool is missing, and says which package has it. With `CI` set in the environment nothing
    /// is skipped: there the test fails.
    static func needs(_ tools: Tool...) -> Self {
        let missing = tools.filter { $0.path == nil }
        let packages = Set(missing.map(\.package)).sorted().joined(separator: " ")
        return .enabled(if: missing.isEmpty || isCI, "needs \(missing.map(\.name)): apt install \(packages)")
    }

    /// Skips a test on a machine without IPv6 on its loopback interface.
    static var needsIPv6: Self {
        .enabled(if: Endpoint.hasIPv6Loopback || isCI, "needs ::1 on the loopback interface")
    }
}

/// Whether this is a CI run, in which nothing may be skipped.
let isCI = ProcessInfo.processInfo.environment["CI"] != nil
