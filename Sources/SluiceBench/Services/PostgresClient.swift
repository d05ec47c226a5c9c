/// A PostgreSQL session: simple queries, one at a time. It has no password: the server must trust it.
struct PostgresClient {
    private let connection: ServiceConnection

    /// Logs in. Throws `notReady` while the server starts.
    init(_ connection: ServiceConnection, user: String, database: String) throws(AnswerError) {
        self.connection = connection
        try connection.send(Self.startup(user: user, database: database))
        var message = try PostgresMessage(from: connection.answers)
        // A notice may come before anything else.
        while message.type == "N" { message = try PostgresMessage(from: connection.answers) }
        if message.type == "E" { throw try message.failure().error }
        guard message.type == "R" else {
            throw .malformed("a message '\(message.type)' in place of a welcome")
        }
        let method = try message.int32()
        guard method == 0 else {
            throw .refused(
                "it asks for a password (method \(method)); allow 'trust' for this user in pg_hba.conf"
            )
        }
        _ = try readUntilReady()
    }

    /// Runs `query`. Returns the first column of its rows.
    func rows(of query: String) throws(AnswerError) -> [[UInt8]?] {
        try connection.send(Self.message("Q", Array(query.utf8) + [0]))
        return try readUntilReady()
    }

    /// Reads up to ReadyForQuery: only then may the next query go out, also after an error.
    private func readUntilReady() throws(AnswerError) -> [[UInt8]?] {
        var rows: [[UInt8]?] = []
        var failure: AnswerError?
        while true {
            var message = try PostgresMessage(from: connection.answers)
            switch message.type {
            case "D": rows.append(try message.firstColumn())
            case "E":
                let (error, isFatal) = try message.failure()
                if isFatal { throw error }
                failure = error
            case "Z":
                if let failure { throw failure }
                return rows
            // RowDescription, CommandComplete, EmptyQueryResponse; notices, parameters, the key to cancel with.
            case "T", "C", "I", "N", "S", "K": continue
            default: throw .malformed("a message '\(message.type)' in a simple query")
            }
        }
    }

    static func startup(user: String, database: String) -> [UInt8] {
        let words = ["user", user, "database", database]
        let parameters = words.reduce(into: [UInt8]()) { $0 += Array($1.utf8) + [0] } + [0]
        let version: [UInt8] = [0, 3, 0, 0]
        return bigEndian(parameters.count + 8) + version + parameters
    }

    private static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        [type.asciiValue!] + bigEndian(body.count + 4) + body
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: Int32(value).bigEndian) { Array($0) }
    }
}
