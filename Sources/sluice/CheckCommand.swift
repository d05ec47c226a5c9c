import ArgumentParser
import SluiceConfig

/// `sluice check FILE`: says whether a configuration is right, and everything that is wrong with it.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file without running it.",
        discussion: "Exits with 0 when the file is right, with 78 and one line a problem when it is not."
    )

    @Argument(help: "The YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    func run() throws {
        do {
            let configuration = try ConfigurationFile.load(path: file)
            let count = configuration.routes.count
            print("\(file): \(count) route\(count == 1 ? "" : "s"), no problem found")
        } catch {
            complain(error.description)
            throw ExitStatus.badConfiguration
        }
    }
}
