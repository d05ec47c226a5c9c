import SluiceCore

/// YAML in, `Configuration` out: the one way from a configuration file to the proxy.
///
/// Every problem of a file is reported at once, with its place; see `docs/sluice.reference.yaml` for the keys.
public enum ConfigurationFile {
    /// Reads and checks the file at `path`. Opens no socket and resolves no name.
    public static func load(path: String) throws(ConfigurationProblems) -> Configuration {
        try read(path: path).configuration
    }

    /// The same, together with what stands in the file: for a reload, which tells what has changed.
    public static func read(path: String) throws(ConfigurationProblems) -> LoadedConfiguration {
        try read(try FileText.read(path: path), file: path)
    }

    /// Checks the text of a configuration file. `file` names it in the problems.
    public static func parse(_ text: String, file: String) throws(ConfigurationProblems) -> Configuration {
        try read(text, file: file).configuration
    }

    private static func read(_ text: String, file: String) throws(ConfigurationProblems)
        -> LoadedConfiguration
    {
        let log = ProblemLog(file: file)
        let document = try YAMLDocument(text, file: file)
        let configuration = ConfigurationReader(document: document, log: log).read()
        try log.throwIfAny()
        guard let configuration else { preconditionFailure("a configuration was refused without a reason") }
        return LoadedConfiguration(configuration: configuration, document: document, file: file)
    }
}
