import ArgumentParser
import SluiceAdmin
import SluiceConfig
import SluiceCore

/// `sluice explain`: why a live connection is set as it is.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell the story of a live connection: its path, its settings, and why.",
        discussion:
            "Asks the admin server of a running Sluice. Exits with 1 when there is no such connection."
    )

    @Argument(help: "A client's address (192.0.2.1:5000), its host alone, or a connection's id.")
    var connection: String

    @Option(help: "Where the admin server of the running Sluice listens.")
    var admin = "127.0.0.1:9901"

    @Option(help: "The file with the token that the admin server asks for.", completion: .file())
    var adminTokenFile: String?

    func run() async throws {
        let question = try question()
        do {
            if let id = UInt64(connection) { return try await tell(id, question) }
            let found = try await question.connections(of: connection)
            guard found.count < 2 else { return list(found) }
            guard let only = found.first else { throw missing() }
            try await tell(only.id, question)
        } catch let code as ExitCode {
            throw code
        } catch {
            complain("the admin server at \(admin) does not tell: \(error)")
            throw ExitStatus.unavailable
        }
    }

    private func question() throws -> AdminQuestion {
        do {
            return try AdminQuestion(to: try address(), tokenFile: adminTokenFile)
        } catch let error as AdminTokenError {
            complain("\(error)")
            throw ExitStatus.unavailable
        }
    }

    private func address() throws -> ListenAddress {
        do {
            return try ListenAddress(parsing: admin)
        } catch {
            throw ValidationError("--admin: \(error)")
        }
    }

    private func tell(_ id: UInt64, _ question: AdminQuestion) async throws {
        guard let report = try await question.connection(id) else { throw missing() }
        print(ConnectionStory(report).text, terminator: "")
    }

    private func list(_ found: [ConnectionReport]) {
        print("\(connection) has \(found.count) connections; name one of them by its id:")
        for report in found { print("  \(ConnectionStory(report).summary)") }
    }

    private func missing() -> ExitCode {
        complain("there is no connection '\(connection)' now")
        return .failure
    }
}
