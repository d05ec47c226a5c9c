import Foundation
import Testing

/// `sluice bench request` against real services, and against what is none.
@Suite struct BenchRequestTests {
    @Test(.needs(.redisServer, .postgres, .initdb))
    func `a request passes cache, database and model behind three routes`() throws {
        try withRedis { redis in
            try withPostgres { postgres in
                try withDemo(["--tokens-per-second", "1000"]) { llm in
                    try withSluice(configuration: Self.routes(redis, postgres.endpoint, llm)) { sluice in
                        let result = try run(
                            SluiceBinary.path,
                            [
                                "bench", "request", "--redis", "\(sluice.listener(of: "cache"))",
                                "--postgres", "\(sluice.listener(of: "database"))",
                                "--postgres-user", PostgresServer.user, "--llm",
                                "\(sluice.listener(of: "llm"))",
                                "--llm-api", "ollama", "--tokens", "8", "-t", "0.5", "--json",
                            ]
                        )
                        #expect(result.status == 0, "\(result.errors)")
                        try expectEveryStage(in: result.output)
                    }
                }
            }
        }
    }

    private static func routes(_ redis: Endpoint, _ postgres: Endpoint, _ llm: Endpoint) -> String {
        """
        admin: off
        log: {format: json, level: info}
        routes:
          - {name: cache, class: cache, listen: "127.0.0.1:0", to: "\(redis)"}
          - {name: database, class: database, listen: "127.0.0.1:0", to: "\(postgres)"}
          - {name: llm, class: llm, listen: "127.0.0.1:0", to: "\(llm)"}
        """
    }

    private func expectEveryStage(in output: String) throws {
        let json = try #require(JSONValue(parsing: output))
        #expect(json.problem == nil)
        let requests = try #require(json.tallies?.requests?.int)
        #expect(requests > 0)
        #expect(json.tallies?.tokens?.int == requests * 8)
        let counts = (json.latencies?.array ?? []).reduce(into: [String: Int]()) {
            $0[$1.metric?.string ?? ""] = $1.histogram?.member("count")?.int
        }
        #expect(
            counts == [
                "cacheMiss": requests, "query": requests, "firstToken": requests, "tokenGap": requests * 7,
                "completion": requests, "cacheStore": requests, "endToEnd": requests, "cacheHit": requests,
            ]
        )
    }

    @Test(.needs(.redisServer)) func `one service alone, as a table`() throws {
        try withRedis { redis in
            let result = try run(SluiceBinary.path, ["bench", "request", "--redis", "\(redis)", "-t", "0.2"])
            #expect(result.status == 0, "\(result.errors)")
            for part in ["asking Redis at", "p99.9", "cache miss", "cache store", "cache hit", "requests ("] {
                #expect(result.output.contains(part), "\(part) is missing in \(result.output)")
            }
            #expect(!result.output.contains("end to end"))
        }
    }

    @Test func `a service that is another one is an error that names it`() throws {
        try withDemo { demo in
            for (arguments, part) in [
                (["--redis", "\(demo)"], "Redis at \(demo): it"),
                (["--llm", "\(demo)"], "LLM at \(demo): it answered with an error: HTTP status 404"),
            ] {
                let result = try run(SluiceBinary.path, ["bench", "request"] + arguments)
                #expect(result.status == 69)
                #expect(result.errors.contains(part), "\(result.errors)")
            }
        }
    }

    @Test func `a service that is not there is an error that names it`() throws {
        let nobody = Endpoint.loopback(try Endpoint.freePort())
        let result = try run(SluiceBinary.path, ["bench", "request", "--postgres", "\(nobody)"])
        #expect(result.status == 69)
        #expect(
            result.errors.contains("PostgreSQL at \(nobody): the connection was refused"),
            "\(result.errors)"
        )
    }

    @Test(.needs(.redisServer)) func `a service that goes away leaves a report and an error`() throws {
        try withTemporaryDirectory { logs in
            let port = try Endpoint.freePort()
            let redis = try ChildProcess(
                Tool.redisServer.require(),
                ["--port", "\(port)", "--bind", "127.0.0.1", "--save", ""],
                logs: logs
            )
            defer { redis.end() }
            try redis.waitUntilListening(on: .loopback(port))
            let client = try ChildProcess(
                SluiceBinary.path,
                ["bench", "request", "--redis", "127.0.0.1:\(port)", "-t", "3600"],
                logs: logs
            )
            defer { client.end() }
            try waitUntilServing(port)
            redis.signal(SIGKILL)
            #expect(try client.waitForExit() == 69)
            #expect(client.output.text.contains("cache miss"))
            #expect(client.errors.text.contains("Redis at 127.0.0.1:\(port)"))
        }
    }

    /// Waits until the run has stored something.
    private func waitUntilServing(_ port: UInt16) throws {
        let peer = try Peer.connect(to: .loopback(port))
        try waitUntil("a first request") {
            try peer.sendCommand("EXISTS", "a")
            try peer.expect(":0\r\n")
            try peer.sendCommand("DBSIZE")
            return try peer.receive() != Array(":0\r\n".utf8)
        }
    }

    @Test(arguments: [
        ([], "name a service"), (["--redis", "a:b"], "--redis: 'a:b' is not an address"),
        (["--redis", "a", "--tokens", "0"], "--tokens takes 1 to 10000"), (["--llm-api", "x"], "openai"),
    ])
    func `wrong usage says what is right`(arguments: [String], part: String) throws {
        let result = try run(SluiceBinary.path, ["bench", "request"] + arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(part), "\(result.errors)")
    }
}
