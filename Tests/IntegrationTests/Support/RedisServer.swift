/// A running redis-server, without persistence.
func withRedis(_ body: (Endpoint) throws -> Void) throws {
    let endpoint = Endpoint.loopback(try Endpoint.freePort())
    try withRedis(on: endpoint) { _ in try body(endpoint) }
}

/// The same, for a test that needs the process or the port.
func withRedis(on endpoint: Endpoint, _ body: (ChildProcess) throws -> Void) throws {
    let arguments = ["--port", "\(endpoint.port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    try withProcess(Tool.redisServer.require(), arguments) { child in
        try child.waitUntilListening(on: endpoint)
        try body(child)
    }
}

/// The little of RESP2, Redis's protocol, that the tests speak.
extension Peer {
    /// Sends a command as an array of bulk strings.
    func sendCommand(_ words: String...) throws {
        try send("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())
    }
}
