// The bytes of a check, and what its answer means. Pure: a `HealthChecker` does the sending.

extension HealthCheck {
    enum Verdict: Equatable {
        /// The answer is not complete.
        case undecided
        case passed
        /// And why.
        case failed(String)
    }

    /// More of an answer than this is not looked at.
    static let longestAnswer = 16 << 10

    /// What is sent once the connection is there.
    var request: [UInt8] {
        switch self {
        case .tcp: []
        case .postgres(let user): Self.postgresStartup(user: user)
        case .redis: Array("*1\r\n$4\r\nPING\r\n".utf8)
        case .http(let path, let host, _):
            Array(
                "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: sluice\r\nConnection: close\r\n\r\n"
                    .utf8
            )
        case .sendExpect(let send, _): Array(send.utf8)
        }
    }

    /// What is sent before the connection is closed, so that the server's log stays quiet.
    var farewell: [UInt8] {
        // Terminate: https://www.postgresql.org/docs/current/protocol-message-formats.html
        if case .postgres = self { [UInt8(ascii: "X"), 0, 0, 0, 4] } else { [] }
    }

    /// Judges what has come so far.
    func judge(_ answer: [UInt8]) -> Verdict {
        switch self {
        case .tcp: return .passed
        case .postgres: return Self.judgePostgres(answer)
        case .redis: return Self.judgeRedis(answer)
        case .http(_, _, let statuses): return Self.judgeHTTP(answer, statuses)
        case .sendExpect(_, let expect):
            let isThere = answer.contains(subsequence: Array(expect.utf8))
            return isThere
                ? .passed
                : tooLong(answer) ? .failed("the answer does not hold what is expected") : .undecided
        }
    }

    private func tooLong(_ answer: [UInt8]) -> Bool { answer.count >= Self.longestAnswer }

    // MARK: PostgreSQL

    /// StartupMessage of protocol 3.0 with the user as the only parameter.
    private static func postgresStartup(user: String) -> [UInt8] {
        let parameters = Array("user\0\(user)\0\0".utf8)
        return bigEndian(UInt32(8 + parameters.count)) + bigEndian(3 << 16) + parameters
    }

    /// An Authentication message, or an ErrorResponse. An error of the classes 53 (too many connections, out of memory) or 57
    /// (starting up, shutting down) means that no session is to be had; all others (no such user, no entry in pg_hba.conf)
    /// come from a server that is well.
    private static func judgePostgres(_ answer: [UInt8]) -> Verdict {
        guard let kind = answer.first else { return .undecided }
        if kind == UInt8(ascii: "R") { return .passed }
        guard kind == UInt8(ascii: "E") else { return .failed("the answer is not PostgreSQL's") }
        guard answer.count >= 5 else { return .undecided }
        let length = answer[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard length <= longestAnswer else { return .failed("the answer is not PostgreSQL's") }
        guard answer.count > length else { return .undecided }
        // Fields: a letter each, then a string that ends in NUL. C is the SQLSTATE.
        let fields = answer[5..<(1 + max(4, length))].split(separator: 0)
        let code = fields.first { $0.first == UInt8(ascii: "C") }.map {
            String(decoding: $0.dropFirst(), as: UTF8.self)
        }
        guard let code else { return .failed("an error without a code") }
        return code.hasPrefix("53") || code.hasPrefix("57") ? .failed("SQLSTATE \(code)") : .passed
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    // MARK: Redis and HTTP

    private static func judgeRedis(_ answer: [UInt8]) -> Verdict {
        guard let end = answer.firstIndex(of: UInt8(ascii: "\r")) else {
            return answer.count > 512 ? .failed("the answer is not Redis's") : .undecided
        }
        let line = String(decoding: answer[..<end], as: UTF8.self)
        // A server that wants a password is well; one that loads its data or has lost its master says so here.
        let isWell = line == "+PONG" || line.hasPrefix("-NOAUTH") || line.hasPrefix("-NOPERM")
        return isWell ? .passed : .failed("it said '\(line.prefix(64))'")
    }

    private static func judgeHTTP(_ answer: [UInt8], _ statuses: ClosedRange<Int>) -> Verdict {
        guard answer.count >= 12 else { return .undecided }
        let line = String(decoding: answer[..<12], as: UTF8.self)
        guard line.hasPrefix("HTTP/1."), let status = Int(line.suffix(3)) else {
            return .failed("the answer is not HTTP's")
        }
        return statuses.contains(status) ? .passed : .failed("status \(status)")
    }
}

extension Array where Element == UInt8 {
    fileprivate func contains(subsequence wanted: [UInt8]) -> Bool {
        guard count >= wanted.count else { return false }
        return (0...count - wanted.count).contains { self[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
