import ArgumentParser
import SluiceConfig
import SluiceCore
import SluiceDemo

/// `sluice demo`: the embedded origin by itself.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Serve the demo origin: token streams as Ollama makes them, bulk bytes, an echo.",
        discussion: "'sluice run --demo' starts it together with a proxy in front of it."
    )

    @Option(help: "Where to listen: an IPv4 or IPv6 address and a port; port 0 takes a free one.")
    var listen = "127.0.0.1:11434"

    @Option(help: "Tokens per second, for requests that do not say.")
    var tokensPerSecond = DemoOrigin.defaultTokensPerSecond

    func validate() throws {
        _ = try Self.hostAndPort(listen)
    }

    func run() async throws {
        let (host, port) = try Self.hostAndPort(listen)
        do {
            let origin = try DemoOrigin(host: host, port: port, tokensPerSecond: tokensPerSecond)
            let bound = try await origin.start()
            print("demo origin listening on \(Address.ip(host, port: bound))")
            flushOutput()
            let signals = StopSignals()
            await signals.first()
            await origin.stop()
        } catch {
            complain("demo origin on \(listen): \(error)")
            throw ExitStatus.unavailable
        }
    }

    private static func hostAndPort(_ text: String) throws -> (String, UInt16) {
        guard case .ip(let host, let port)? = try? Address(parsing: text) else {
            throw ValidationError("--listen takes an IPv4 or IPv6 address and a port, as in 127.0.0.1:11434")
        }
        return (host, port)
    }
}
