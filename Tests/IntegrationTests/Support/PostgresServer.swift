import Foundation
import Testing

/// A running PostgreSQL with a database of its own that trusts everybody on loopback.
struct PostgresServer {
    static let user = "tester"
    let endpoint: Endpoint

    /// Runs `psql` with one command, over `endpoint` or through a proxy. Returns its output.
    func psql(_ command: String, through endpoint: Endpoint) throws -> String {
        try succeed(
            Tool.psql.require(),
            [
                "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
                "--host=127.0.0.1", "--port=\(endpoint.port)", "--username=\(Self.user)", "--dbname=postgres",
                "--command=\(command)",
            ]
        )
    }
}

/// Runs a PostgreSQL as an unprivileged user: it refuses to be root.
func withPostgres(_ body: (PostgresServer) throws -> Void) throws {
    try withTemporaryDirectory { directory in
        let data = directory.appendingPathComponent("data").path
        try succeed(
            Tool.initdb.require(),
            [
                "--pgdata=\(data)", "--auth=trust", "--username=\(PostgresServer.user)", "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
            ],
            user: "nobody"
        )
        let server = PostgresServer(endpoint: .loopback(try Endpoint.freePort()))
        let arguments = [
            "-D", data, "-p", "\(server.endpoint.port)", "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=\(directory.path)", "-c", "fsync=off", "-c", "max_wal_size=2GB",
        ]
        try withProcess(Tool.postgres.require(), arguments, user: "nobody") { child in
            try child.errors.waitForLine(
                containing: "database system is ready to accept connections",
                from: child
            )
            try body(server)
            // A fast shutdown: SIGTERM would wait for clients.
            child.signal(SIGINT)
            _ = try child.waitForExit()
        }
    }
}
