import ArgumentParser
import SluiceBench
import SluiceCore

/// `sluice bench request`: what an application's user waits for, with real services behind it.
struct BenchRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Measure requests that go through a cache, a database and a model, stage by stage.",
        discussion: """
            Over and over: GET in Redis (a miss), SELECT in PostgreSQL, a streamed completion of a model, SET in Redis, and \
            GET again (a hit). Services without an address are left out. Give the addresses of a proxy's routes to \
            measure through it.

                sluice bench request --redis localhost --postgres localhost --llm localhost --llm-api ollama

            In Redis it leaves keys 'sluice-bench:...' that expire after a minute. Exit codes: 0 measured; 64 wrong \
            usage; 69 a service cannot be used, or broke off.
            """
    )

    @Option(help: "A Redis: HOST[:PORT]. Port 6379 by default.")
    var redis: String?

    @Option(help: "A PostgreSQL that asks for no password: HOST[:PORT]. Port 5432 by default.")
    var postgres: String?

    @Option(help: "PostgreSQL's user; the database is 'postgres'.")
    var postgresUser = "postgres"

    @Option(help: "A model server: HOST[:PORT]. Port 8080 by default, and 11434 with --llm-api ollama.")
    var llm: String?

    @Option(help: "openai: llama.cpp's server, vLLM and others. ollama: Ollama and 'sluice demo'.")
    var llmApi = CompletionDialect.openai

    @Option(help: "Tokens of one completion, at most.")
    var tokens = 32

    @Option(
        name: .shortAndLong,
        help: "Length of the run: \(SecondsText.allowed). Default: 10.",
        transform: SecondsText.init(parsing:)
    )
    var time: SecondsText?

    @Option(help: "Seconds to wait for each connection.")
    var connectTimeout = 5.0

    @Flag(help: "Print the whole result as JSON, and nothing else.")
    var json = false

    func validate() throws {
        guard try !plan().services.isEmpty else {
            throw ValidationError("name a service: --redis, --postgres or --llm")
        }
        guard (1...10_000).contains(tokens) else { throw ValidationError("--tokens takes 1 to 10000") }
        guard (0.01...3600).contains(connectTimeout) else {
            throw ValidationError("--connect-timeout takes 0.01 to 3600 seconds")
        }
    }

    func run() async throws {
        var run = ServiceRun(try plan())
        run.command = ["sluice"] + CommandLine.arguments.dropFirst()
        if !json {
            print("asking \(run.plan.services.joined(separator: ", "))")
            flushOutput()
        }
        switch await Self.measure(run) {
        case .success(let result): try publish(result)
        case .failure(let error):
            complain(error.description)
            throw ExitStatus.unavailable
        }
    }

    /// Until its end, or until a signal.
    private static func measure(_ run: ServiceRun) async -> Result<ServiceResult, BenchError> {
        let signals = StopSignals()
        let stop = Gate()
        let stopping = Task {
            await signals.first()
            stop.open()
        }
        defer { stopping.cancel() }
        return await Blocking.run { Result { () throws(BenchError) in try run.run(stop: stop) } }
    }

    private func publish(_ result: ServiceResult) throws {
        if json {
            print(try result.json)
        } else {
            for line in result.summary { print(line) }
        }
        flushOutput()
        if let problem = result.problem {
            complain(problem)
            throw ExitStatus.unavailable
        }
    }

    private func plan() throws(ValidationError) -> ServicePlan {
        var plan = ServicePlan()
        plan.redis = try address(redis, "--redis", defaultPort: 6379)
        plan.postgres = try address(postgres, "--postgres", defaultPort: 5432)
        plan.postgresUser = postgresUser
        plan.llm = try address(llm, "--llm", defaultPort: llmApi.defaultPort)
        plan.dialect = llmApi
        plan.tokens = tokens
        plan.seconds = time?.seconds ?? plan.seconds
        plan.connectTimeout = connectTimeout
        return plan
    }

    private func address(_ text: String?, _ option: String, defaultPort: UInt16) throws(ValidationError)
        -> String?
    {
        guard let text else { return nil }
        do throws(AddressError) {
            return try Address(parsing: text, defaultPort: defaultPort).description
        } catch {
            throw ValidationError("\(option): \(error)")
        }
    }
}

extension CompletionDialect: ExpressibleByArgument {}
