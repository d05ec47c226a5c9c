import Testing

/// Runs `sluice bench server` during `body`, on a free port.
func withBenchServer<Result>(
    _ arguments: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Endpoint, SluiceProcess) throws -> Result
) throws -> Result {
    let command = ["bench", "server", "--listen", "127.0.0.1:0"] + arguments
    return try withSluice(arguments: command, sourceLocation: sourceLocation) { server in
        let prefix = "bench server listening on "
        let endpoint = try server.waitForOutput("where the bench server listens") { line in
            line.hasPrefix(prefix) ? Endpoint(String(line.dropFirst(prefix.count))) : nil
        }
        return try body(endpoint, server)
    }
}

/// Runs `sluice bench client` to its end.
func benchClient(_ server: Endpoint, _ arguments: String...) throws -> ProgramResult {
    try run(SluiceBinary.path, ["bench", "client", "\(server)"] + arguments)
}
