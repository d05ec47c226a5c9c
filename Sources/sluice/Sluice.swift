import ArgumentParser
import SluiceCore

/// The command line. Each subcommand stands in a file of its own.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "A TCP proxy that sizes every connection's buffers from what it measures.",
        discussion: """
            Exit codes: 0 done; 64 wrong usage; 69 an address cannot be listened on, or the service cannot start; \
            78 the configuration is wrong; 130 and 143 ended at once by a second SIGINT or SIGTERM.
            """,
        version: Self.versionText,
        subcommands: [
            RunCommand.self, CheckCommand.self, ExplainCommand.self, DemoCommand.self, BenchCommand.self,
            LabCommand.self,
        ]
    )

    private static var versionText: String {
        "sluice \(SluiceVersion.sluice) (libuv \(SluiceVersion.libuv), Linux \(SluiceVersion.kernel))"
    }
}
