import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct HealthCheckTests {
    /// An ErrorResponse with these fields.
    private static func postgresError(_ fields: String...) -> [UInt8] {
        var body: [UInt8] = []
        for field in fields { body += Array(field.utf8) + [0] }
        body.append(0)
        let length = UInt32(body.count + 4).bigEndian
        return [UInt8(ascii: "E")] + withUnsafeBytes(of: length) { Array($0) } + body
    }

    private static let postgres = HealthCheck.postgres(user: "u")
    private static let http = HealthCheck.http(path: "/", host: "h")
    private static let created = HealthCheck.http(path: "/", host: "h", status: 201...201)
    private static let banner = HealthCheck.sendExpect(send: "", expect: "220 ")

    @Test(arguments: [
        (postgres, Array("R\0\0\0\u{8}\0\0\0\u{5}".utf8)),
        (postgres, postgresError("SFATAL", "C28000", "Mno pg_hba.conf entry")),
        (postgres, postgresError("SFATAL", "C3D000", "Mno such database")),
        (.redis, Array("+PONG\r\n".utf8)), (.redis, Array("-NOAUTH Authentication required.\r\n".utf8)),
        (http, Array("HTTP/1.1 200 OK\r\n".utf8)), (http, Array("HTTP/1.0 304 Not Modified\r\n".utf8)),
        (created, Array("HTTP/1.1 201 Created\r\n".utf8)),
        (banner, Array("x220 mail.example".utf8)), (.tcp, []),
    ])
    func goodAnswersPass(check: HealthCheck, answer: [UInt8]) {
        #expect(check.judge(answer) == .passed)
    }

    @Test(arguments: [
        (postgres, postgresError("SFATAL", "C57P03", "Mthe database system is starting up")),
        (postgres, postgresError("SFATAL", "C53300", "Mtoo many connections")),
        (postgres, postgresError("SFATAL")), (postgres, Array("HTTP/1.1 200 OK".utf8)),
        (postgres, [UInt8(ascii: "E"), 255, 255, 255, 255]),
        (.redis, Array("-LOADING Redis is loading\r\n".utf8)), (.redis, Array("HTTP/1.1 400\r\n".utf8)),
        (created, Array("HTTP/1.1 200 OK\r\n".utf8)),
        (http, Array("HTTP/1.1 503 Service Unavailable".utf8)), (http, Array("SSH-2.0-OpenSSH_9.2".utf8)),
        (banner, [UInt8](repeating: 0, count: HealthCheck.longestAnswer)),
    ])
    func badAnswersFail(check: HealthCheck, answer: [UInt8]) {
        guard case .failed(let reason) = check.judge(answer) else {
            Issue.record("\(check.judge(answer))")
            return
        }
        #expect(!reason.isEmpty)
    }

    /// However an answer is cut, no verdict on a part of it contradicts the one on the whole.
    @Test(arguments: [
        (postgres, postgresError("SFATAL", "C57P03", "Mstarting up")), (.redis, Array("+PONG\r\n".utf8)),
        (http, Array("HTTP/1.1 200 OK".utf8)), (banner, Array("220 hello".utf8)),
    ])
    func aPartOfAnAnswerIsUndecidedOrTheSame(check: HealthCheck, answer: [UInt8]) {
        let whole = check.judge(answer)
        #expect(check.judge([]) == .undecided)
        for count in answer.indices {
            let verdict = check.judge(Array(answer[..<count]))
            #expect(verdict == .undecided || verdict == whole)
        }
    }

    @Test func noAnswerIsTooStrange() {
        var random = SplitMix64(seed: 6)
        for check in [Self.postgres, .redis, Self.http, Self.banner] {
            for _ in 0..<2000 {
                let start: [UInt8] = Bool.random(using: &random) ? [UInt8(ascii: "E"), 0, 0] : []
                let count = Int.random(in: 0...40, using: &random)
                _ = check.judge(start + (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
        }
    }

    @Test(arguments: [
        ("127.0.0.1:1", "127.0.0.1:9"), ("[::1]:1", "[::1]:9"), ("db:1", "db:9"), ("unix:/a", "unix:/a"),
    ])
    func anotherPortIsAskedOnTheSameHost(address: String, asked: String) throws {
        var origin = OriginConfiguration(OriginAddress(try Address(parsing: address)))
        var health = HealthConfiguration(check: .tcp)
        #expect(health.address(for: origin) == origin.address)
        health.port = 9
        #expect(health.address(for: origin).description == asked)
        origin.healthAddress = OriginAddress(.name("doctor", port: 7))
        #expect(health.address(for: origin).description == "doctor:7")
    }

    @Test func theRequestsAreWhatTheProtocolsSay() {
        #expect(
            HealthCheck.postgres(user: "ab").request == [0, 0, 0, 17, 0, 3, 0, 0] + Array("user\0ab\0\0".utf8)
        )
        #expect(HealthCheck.redis.request == Array("*1\r\n$4\r\nPING\r\n".utf8))
        let request = String(decoding: HealthCheck.http(path: "/a", host: "b").request, as: UTF8.self)
        #expect(request.hasPrefix("GET /a HTTP/1.1\r\nHost: b\r\n") && request.hasSuffix("\r\n\r\n"))
    }
}
