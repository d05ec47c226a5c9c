import ArgumentParser
import SluiceAdmin
import SluiceConfig
import SluiceCore

/// `sluice check FILE`: says whether a configuration is right, and everything that is wrong with it.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file without running it.",
        discussion: """
            Exits with 0 when the file is right, with 78 and one line a problem when it is not. A token_file is read, too: \
            check as whoever will run it.
            """
    )

    @Argument(help: "The YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    func run() throws {
        do {
            let loaded = try ConfigurationFile.read(path: file)
            try checkToken(of: loaded)
            let count = loaded.configuration.routes.count
            print("\(file): \(count) route\(count == 1 ? "" : "s"), no problem found")
        } catch {
            complain(error.description)
            throw ExitStatus.badConfiguration
        }
    }

    /// Without it the proxy would not start.
    private func checkToken(of loaded: LoadedConfiguration) throws(ConfigurationProblems) {
        guard let admin = loaded.configuration.admin else { return }
        do throws(AdminTokenError) {
            try AdminAuthority.check(admin)
        } catch {
            throw loaded.problem(withToken: "\(error.file): \(error.problem)")
        }
    }
}
