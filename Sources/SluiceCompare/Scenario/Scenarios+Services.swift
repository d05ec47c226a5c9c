import SluiceLab

// The scenarios with real servers: each has a download beside it, on a route of its own.

extension Scenario {
    static let services: [Scenario] = [postgres, redis, llm(ModelService()), endToEnd(ModelService())]

    /// An office's line, with a router that queues for a tenth of a second.
    private static let office = LinkSpecification.parsing("rate=100mbit,delay=5ms,queue=100ms")

    private static let postgres = Scenario(
        "postgres-office",
        "Eight pgbench clients beside a download, over an office's line: SELECTs, and transactions of seven statements.",
        link: office,
        load: CombinedLoad(PgbenchLoad(), BulkBeside()),
        seconds: 8,
        measures: [.selectP95, .selectP50, .selectP99, .transactionP50, .transactionP95, .goodput],
        claims: [
            Claim("PostgreSQL: pgbench's SELECT beside bulk, p95", .selectP95),
            Claim("PostgreSQL: pgbench's transaction beside bulk, p95", .transactionP95),
        ]
    )

    private static let redis = Scenario(
        "redis-office",
        "Four applications use one Redis beside a download, over an office's line.",
        link: office,
        load: CombinedLoad(RequestLoad(kinds: [.redis], applications: 4), BulkBeside()),
        seconds: 8,
        measures: [.cacheHitP95, .cacheHitP50, .cacheHitP99, .cacheStoreP95, .goodput],
        claims: [Claim("Redis: GET beside bulk, p95", .cacheHitP95)]
    )

    private static func llm(_ model: ModelService) -> Scenario {
        Scenario(
            "llm-dsl",
            "One reader of completions (\(model.title)) beside a download, over a home line that queues for a quarter of "
                + "a second.",
            link: .profile("dsl-bloated"),
            load: CombinedLoad(RequestLoad(kinds: [.model(model)]), BulkBeside()),
            seconds: 12,
            measures: [.firstTokenP50, .firstTokenP95, .tokenGapP99, .tokenGapP50, .goodput],
            claims: [
                // A completion takes a second: there are too few for the tail.
                Claim("LLM (\(model.title)): time to first token beside bulk, p50", .firstTokenP50),
                Claim("LLM (\(model.title)): gaps between tokens beside bulk, p99", .tokenGapP99),
            ]
        )
    }

    private static func endToEnd(_ model: ModelService) -> Scenario {
        Scenario(
            "end-to-end",
            "Requests through Redis, PostgreSQL and a model (\(model.title)) behind three routes, beside a download on a "
                + "fourth, over a home line that queues for a quarter of a second.",
            link: .profile("dsl-bloated"),
            load: CombinedLoad(RequestLoad(kinds: [.redis, .postgres, .model(model)]), BulkBeside()),
            seconds: 15,
            measures: [
                .endToEndP50, .cacheMissP50, .queryP50, .firstTokenP50, .completionP50, .cacheStoreP50,
                .cacheHitP50,
                .goodput,
            ],
            claims: [
                Claim("End to end: cache, database and LLM (\(model.title)), p50", .endToEndP50),
                Claim("End to end: the same, answered by the cache, p50", .cacheHitP50),
            ]
        )
    }
}
