import SluiceCore

/// A configuration and the file that it came from: what a reload compares.
public struct LoadedConfiguration: Sendable {
    public let configuration: Configuration
    /// As it was named to Sluice.
    public let file: String
    private let settings: Settings

    init(configuration: Configuration, document: YAMLDocument, file: String) {
        self.configuration = configuration
        self.file = file
        settings = Settings(document)
    }

    /// Every key whose value is another than in `earlier`, in the order of the file; what is gone comes last.
    public func changes(since earlier: LoadedConfiguration) -> [SettingChange] {
        settings.changes(since: earlier.settings)
    }

    /// Throws what a running proxy cannot take over: it has `running` until it is started anew.
    public func checkReload(of running: Configuration) throws(ConfigurationProblems) {
        let log = ProblemLog(file: file)
        for (key, isSame) in Self.fixed where !isSame(running, configuration) {
            let message = "a reload cannot change this: start Sluice anew, or hand over with SIGUSR2"
            log.report(message, key: key, at: settings.place(of: key) ?? .start)
        }
        try log.throwIfAny()
    }

    /// Throws what this host's kernel cannot do for it.
    public func checkKernel() throws(ConfigurationProblems) {
        let log = ProblemLog(file: file)
        for problem in KernelCheck.problems(of: configuration) { log.report(problem, key: "routes", at: nil) }
        try log.throwIfAny()
    }

    /// A problem with the admin server's token, at its key.
    public func problem(withToken reason: String) -> ConfigurationProblems {
        let key = "admin.token_file"
        return ConfigurationProblems(problems: [
            ConfigurationProblem(file: file, place: settings.place(of: key), key: key, message: reason)
        ])
    }

    /// A problem that showed when the configuration was applied, at the key that it is about.
    public func problem(with error: ListenError) -> ConfigurationProblems {
        let key = error.route.map { "routes[\($0)].listen" }
        let problem = ConfigurationProblem(
            file: file,
            place: key.flatMap(settings.place(of:)),
            key: key,
            message: error.description
        )
        return ConfigurationProblems(problems: [problem])
    }

    /// The keys that hold from the start to the end of a process.
    private static let fixed: [(key: String, isSame: @Sendable (Configuration, Configuration) -> Bool)] = [
        ("workers", { $0.workers == $1.workers }),
        ("memory", { $0.memoryBytes == $1.memoryBytes }),
        ("dns.refresh", { $0.dnsRefresh == $1.dnsRefresh }),
        ("dns.removed_addresses", { $0.removedAddresses == $1.removedAddresses }),
        ("admin", { ($0.admin == nil) == ($1.admin == nil) }),
        ("admin.listen", { $0.admin == nil || $1.admin == nil || $0.admin?.listen == $1.admin?.listen }),
        (
            "admin.token_file",
            { $0.admin == nil || $1.admin == nil || $0.admin?.tokenFile == $1.admin?.tokenFile }
        ),
        (
            "admin.write",
            { $0.admin == nil || $1.admin == nil || $0.admin?.allowsWriting == $1.admin?.allowsWriting }
        ),
        ("log.format", { $0.log.format == $1.log.format }),
    ]
}
