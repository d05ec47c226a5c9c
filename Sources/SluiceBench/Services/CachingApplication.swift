/// The application whose requests `ServiceRun` measures: its connections, and how it serves. All of it throws
/// `BenchError`.
final class CachingApplication {
    let recorders = Recorders()
    private let plan: ServicePlan
    private let redis: NamedClient<RedisClient>?
    private let postgres: NamedClient<PostgresClient>?
    private let llm: NamedClient<CompletionClient>?
    /// No other run's, so that the first GET is a miss.
    private let name = "sluice-bench:\(UInt64.random(in: 0 ... .max))"
    private var served = 0

    /// Of what it leaves in the cache: long enough for the hit.
    private static let expirySeconds = 60
    private static let rowCount = 20

    /// Opens the connections, and waits until the services are ready.
    init(_ plan: ServicePlan, _ stop: Gate) throws {
        self.plan = plan
        let timeout = plan.connectTimeout
        redis = try plan.redis.map { address in
            try NamedClient("Redis", address, stop: stop) { target in
                try RedisClient(ServiceConnection(to: target, within: timeout, stop: stop))
            }
        }
        postgres = try plan.postgres.map { address in
            try NamedClient("PostgreSQL", address, stop: stop) { target in
                let connection = try ServiceConnection(to: target, within: timeout, stop: stop)
                return try PostgresClient(connection, user: plan.postgresUser, database: "postgres")
            }
        }
        llm = try plan.llm.map { address in
            try NamedClient("LLM", address, stop: stop) { target in
                let client = CompletionClient(
                    target: target,
                    dialect: plan.dialect,
                    connectTimeout: timeout,
                    stop: stop
                )
                // A model may be loaded only when it is asked for the first time.
                _ = try client.complete(prompt: "Hello.", tokens: 1) {}
                return client
            }
        }
    }

    /// Serves one request, and then the same one from the cache.
    func serve() throws {
        let key = "\(name):\(served)"
        let began = BenchClock.now
        if let redis, try timed(.cacheMiss, redis, { try $0.get(key) }) != nil {
            throw redis.failure("it has \(key), which nobody has stored")
        }
        let answer = try makeAnswer()
        if let redis {
            try timed(.cacheStore, redis) { try $0.set(key, answer, expiresInSeconds: Self.expirySeconds) }
        }
        if plan.services.count > 1 { recorders.record(.endToEnd, .whole, BenchClock.now - began) }
        if let redis, try timed(.cacheHit, redis, { try $0.get(key) }) != answer {
            throw redis.failure("\(key) is not what was stored")
        }
        served += 1
        recorders.count(.requests)
    }

    private func makeAnswer() throws -> [UInt8] {
        var subject = Array("record \(served)".utf8)
        if let postgres {
            let rows = try timed(.query, postgres) { try $0.rows(of: query) }
            guard rows.count == Self.rowCount, let first = rows[0] else {
                throw postgres.failure("\(rows.count) rows instead of \(Self.rowCount)")
            }
            subject = first
        }
        guard let llm else { return subject }
        return Array(try complete(llm, about: String(decoding: subject, as: UTF8.self)).utf8)
    }

    /// Some rows that the server computes: every PostgreSQL can.
    private var query: String {
        "SELECT 'record \(served): ' || md5(i::text) FROM generate_series(1, \(Self.rowCount)) AS i"
    }

    private func complete(_ llm: NamedClient<CompletionClient>, about subject: String) throws -> String {
        var last = BenchClock.now
        var count: UInt64 = 0
        let text = try timed(.completion, llm) { client in
            try client.complete(prompt: "Tell a story about \(subject).", tokens: plan.tokens) {
                let now = BenchClock.now
                recorders.record(count == 0 ? .firstToken : .tokenGap, .whole, now - last)
                last = now
                count += 1
            }
        }
        guard count > 0 else { throw llm.failure("its token stream has no token") }
        recorders.count(.tokens, count)
        recorders.count(.tokenStreams)
        return text
    }

    private func timed<Client, Result>(
        _ metric: Metric,
        _ service: NamedClient<Client>,
        _ body: (Client) throws -> Result
    ) throws -> Result {
        let began = BenchClock.now
        let result = try service.ask(body)
        recorders.record(metric, .whole, BenchClock.now - began)
        return result
    }
}
