import ArgumentParser
import SluiceConfig
import SluiceControl
import SluiceCore
import SluiceDemo

/// `sluice run`: the proxy, from a file, from flags, or in front of the demo origin.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the proxy.",
        discussion: """
            One route from flags:   sluice run --listen :11435 --to 127.0.0.1:11434 --class llm
            Many from a file:       sluice run --config sluice.yaml
            Try it without either:  sluice run --demo

            SIGTERM or SIGINT stops accepting and drains; a second one ends at once. SIGHUP reads the file again. SIGUSR2
            hands over to a new process.
            """
    )

    @Option(help: "Configuration file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(help: "Where clients connect: 0.0.0.0:5432, [::]:5432, :5432, unix:/path. May be repeated.")
    var listen: [String] = []

    @Option(help: "What to connect to: 127.0.0.1:5432, db.example:5432, unix:/path.")
    var to: String?

    @Option(
        name: .customLong("class"),
        help: "llm, database, cache, network or telemetry; guessed when left out."
    )
    var flowClass: String?

    @Option(help: "Admin server's address, or 'off'. Default: 127.0.0.1:9901.")
    var admin: String?

    @Option(help: "File with the bearer token that clients of the admin server have to show.")
    var adminTokenFile: String?

    @Flag(help: "Start the embedded demo origin, with a route in front of it.")
    var demo = false

    func validate() throws {
        let ways = [config != nil, !listen.isEmpty || to != nil, demo].filter { $0 }.count
        guard ways == 1 else {
            throw ValidationError("give one of --config FILE, --listen ADDR with --to ADDR, or --demo")
        }
        guard listen.isEmpty == (to == nil) else {
            throw ValidationError("--listen and --to go together")
        }
        if config != nil, flowClass != nil || admin != nil || adminTokenFile != nil {
            throw ValidationError(
                "--class, --admin and --admin-token-file stand in the file when there is one"
            )
        }
    }

    func run() async throws {
        // Before anything else, so that a signal during the start is not lost.
        let signals = StopSignals(and: Service.signals)
        if demo {
            try await runDemo(signals)
        } else {
            try await configured().run(until: signals)
        }
    }

    private func configured() throws -> Service {
        do throws(ConfigurationProblems) {
            if let config {
                let loaded = try ConfigurationFile.read(path: config)
                return Service(loaded.configuration, from: loaded)
            }
            var configuration = Configuration(routes: [
                try RouteConfiguration(listenFlags: listen, toFlag: to ?? "", classFlag: flowClass)
            ])
            try applyAdmin(to: &configuration)
            return Service(configuration)
        } catch {
            complain(error.description)
            throw config == nil ? ExitCode.validationFailure : ExitStatus.badConfiguration
        }
    }

    private func applyAdmin(to configuration: inout Configuration) throws(ConfigurationProblems) {
        guard admin != "off" else {
            configuration.admin = nil
            return
        }
        configuration.admin = try AdminConfiguration(
            listenFlag: admin ?? AdminConfiguration().listen.description,
            tokenFileFlag: adminTokenFile
        )
    }

    private func runDemo(_ signals: StopSignals) async throws {
        let origin = try DemoOrigin()
        let port = try await origin.start()
        var route = RouteConfiguration(
            name: "demo",
            listen: [ListenAddress(.ip("127.0.0.1", port: 11435))],
            origin: OriginAddress(.ip("127.0.0.1", port: port))
        )
        route.flowClass = .llm
        var configuration = Configuration(routes: [route])
        do throws(ConfigurationProblems) {
            try applyAdmin(to: &configuration)
        } catch {
            complain(error.description)
            throw ExitCode.validationFailure
        }
        try await Service(configuration).run(until: signals) { proxy, admin in
            DemoGuide(proxy: proxy.listening[0].address, origin: "127.0.0.1:\(port)", admin: admin).print()
        }
        await origin.stop()
    }
}
