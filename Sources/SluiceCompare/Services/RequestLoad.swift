import SluiceBench

/// `sluice bench request` against real servers: a cache, a database and a model, or some of them.
struct RequestLoad: Load {
    enum Kind: Sendable, Hashable {
        case redis, postgres
        case model(ModelService)
    }

    /// Each is a service of its own.
    var kinds: [Kind]
    /// So many applications run at the same time.
    var applications = 1
    /// Of one completion.
    var tokens = 16

    var serviceCount: Int { kinds.count }
    var clientCount: Int { applications }

    var refusal: String? {
        kinds.lazy.compactMap { kind in
            switch kind {
            case .redis: RedisService.refusal
            case .postgres: PostgresService.refusal
            case .model: nil
            }
        }.first
    }

    func services(in directory: String) throws -> [Service] {
        try kinds.map { kind in
            switch kind {
            case .redis: RedisService.service(in: directory)
            case .postgres: try PostgresService.service(in: directory, tables: false)
            case .model(let model): model.service
            }
        }
    }

    func clients(_ bed: TestBed) -> [Program] {
        let addresses = zip(kinds, bed.endpoints).flatMap { kind, endpoint in
            switch kind {
            case .redis: ["--redis", "\(endpoint)"]
            case .postgres: ["--postgres", "\(endpoint)", "--postgres-user", PostgresService.user]
            case .model(let model): ["--llm", "\(endpoint)", "--llm-api", model.dialect]
            }
        }
        let arguments = [
            "bench", "request", "--json", "--time", "\(bed.seconds)", "--tokens", "\(tokens)",
            "--connect-timeout", "15",
        ]
        return (1...applications).map { .sluice("bench request \($0)", arguments + addresses) }
    }

    func measurements(_ outputs: [ProgramOutput]) throws -> Measurements {
        let results = try outputs.map { try ServiceResult(json: $0.text) }
        let latencies = LatencyResult.merged(results.flatMap(\.latencies))
        return Measurements(
            values: Measure.values(latencies),
            distributions: latencies.map { Distribution(title: $0.metric.title, histogram: $0.histogram) }
        )
    }
}
