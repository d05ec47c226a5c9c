import SluiceCore

/// The services behind an application's requests, and how long to ask them. Those without an address are left out.
public struct ServicePlan: Codable, Sendable, Equatable {
    /// A Redis: HOST:PORT.
    public var redis: String?
    /// A PostgreSQL that trusts `postgresUser`. Its database `postgres` is used, and nothing in it.
    public var postgres: String?
    public var postgresUser = "postgres"
    /// A model server.
    public var llm: String?
    public var dialect = CompletionDialect.openai
    /// At most so many in one completion.
    public var tokens = 32
    /// No request begins later.
    public var seconds = 10.0
    /// Seconds to connect in, to each service.
    public var connectTimeout = 5.0

    public init() {}

    /// Each service that has an address.
    public var services: [String] {
        [redis.map { "Redis at \($0)" }, postgres.map { "PostgreSQL at \($0)" }, llm.map { "LLM at \($0)" }]
            .compactMap { $0 }
    }
}
