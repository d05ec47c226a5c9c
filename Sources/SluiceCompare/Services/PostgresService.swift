import Foundation

/// A PostgreSQL with a cluster of its own, which trusts everybody: nobody else reaches the lab's hosts.
enum PostgresService {
    static let port: UInt16 = 5432
    static let user = "bench"

    static var refusal: String? {
        if InstalledProgram.path("unshare") == nil {
            return "unshare is not installed: apt install util-linux"
        }
        for name in ["postgres", "initdb", "pgbench"] where path(name) == nil {
            return "PostgreSQL's \(name) is not installed: apt install postgresql"
        }
        return nil
    }

    /// The newest installed one. Debian keeps the servers out of `PATH`, and what is there may be a wrapper.
    static func path(_ name: String) -> String? {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        return InstalledProgram.path(name, first: newestFirst.map { "\(root)/\($0)/bin" })
    }

    /// - Parameter tables: whether it gets pgbench's tables.
    static func service(in directory: String, tables: Bool) throws -> Service {
        let data = "\(directory)/postgres"
        let access = "\(directory)/pg_hba.conf"
        try "host all all all trust\n".write(toFile: access, atomically: false, encoding: .utf8)
        // Without fsync the disk, which all candidates share with everything else, has no part in the latency.
        let settings = [
            "listen_addresses=0.0.0.0", "unix_socket_directories=", "hba_file=\(access)", "fsync=off",
            "full_page_writes=off", "max_wal_size=1GB",
        ]
        return Service(
            port: port,
            preparation: [
                unprivileged(
                    "initdb",
                    [
                        "--pgdata=\(data)", "--auth=trust", "--username=\(user)", "--no-sync",
                        "--encoding=UTF8",
                        "--locale=C",
                    ]
                )
            ],
            server: unprivileged(
                "postgres",
                ["-D", data, "-p", "\(port)"] + settings.flatMap { ["-c", $0] }
            ),
            warmUp: [waitUntilReady] + (tables ? [makeTables] : [])
        )
    }

    /// It listens a moment before it serves.
    private static var waitUntilReady: Program {
        .sluice(
            "waiting for PostgreSQL",
            ["bench", "request", "--postgres", "127.0.0.1:\(port)", "--postgres-user", user, "--time", "0"]
        )
    }

    private static var makeTables: Program {
        let options = ["--initialize", "--scale=4", "--quiet", "--host=127.0.0.1", "--port=\(port)"]
        return Program(
            "pgbench --initialize",
            path("pgbench") ?? "pgbench",
            options + ["--username=\(user)", "postgres"]
        )
    }

    /// PostgreSQL refuses to be root, which everything in a host is. In a user namespace of its own it is `nobody`, who
    /// has to exist for initdb, and owns the same files. Works wherever the lab does, as root or not. Its System V memory
    /// goes with the other namespace, even when it is killed.
    private static func unprivileged(_ name: String, _ arguments: [String]) -> Program {
        let nobody = 65534
        let drop = ["--user", "--ipc", "--map-user=\(nobody)", "--map-group=\(nobody)", "--"]
        return Program(
            name,
            InstalledProgram.path("unshare") ?? "unshare",
            drop + [path(name) ?? name] + arguments
        )
    }
}
