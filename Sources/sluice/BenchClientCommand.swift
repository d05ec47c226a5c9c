import ArgumentParser
import Foundation
import SluiceBench
import SluiceCore

/// `sluice bench client`: one run against a bench server.
struct BenchClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Run one measurement against a bench server, directly or through a proxy.",
        discussion: """
            Ctrl-C ends the run and reports what was measured. Exit codes: 0 measured; 64 wrong usage; 69 no server to \
            run against, or the run broke off.
            """
    )

    @Argument(
        help:
            "The server, or the proxy in front of it: HOST[:PORT]. Port \(BenchServer.defaultPort) by default."
    )
    var server: String

    @OptionGroup(title: "Load")
    var load: BenchLoadOptions

    @Flag(help: "Print the whole result as JSON, and nothing else.")
    var json = false

    @Option(help: "Write the result as one HTML page.", completion: .file(extensions: ["html"]))
    var report: String?

    @Option(help: "Record CPU time and memory of this process: the proxy under test.")
    var observePid: Int32?

    @Option(help: "Seconds to wait for the server: to connect, and again for its answer.")
    var connectTimeout = 5.0

    func validate() throws {
        _ = try address()
        guard (0.01...3600).contains(connectTimeout) else {
            throw ValidationError("--connect-timeout takes 0.01 to 3600 seconds")
        }
    }

    func run() async throws {
        let signals = StopSignals()
        let stop = Gate()
        let stopping = Task {
            await signals.first()
            stop.open()
        }
        defer { stopping.cancel() }
        let client = try makeClient()
        switch await Blocking.run({ Self.measure(client, stop) }) {
        case .success(let result):
            try publish(result)
        case .failure(let error):
            complain(error.description)
            throw ExitStatus.unavailable
        }
    }

    private static func measure(_ client: BenchClient, _ stop: Gate) -> Result<BenchResult, BenchError> {
        Result { () throws(BenchError) in try client.run(stop: stop) }
    }

    private func makeClient() throws -> BenchClient {
        var client = BenchClient(plan: load.plan, address: try address())
        client.command = ["sluice"] + CommandLine.arguments.dropFirst()
        client.observedPID = observePid
        client.connectTimeout = connectTimeout
        guard !json else { return client }
        let console = BenchConsole(plan: load.plan)
        console.start(target: client.address.description)
        client.onInterval = { console.show($0) }
        client.onProgress = { console.show($0) }
        return client
    }

    private func publish(_ result: BenchResult) throws {
        if json {
            print(try result.json)
        } else {
            BenchConsole.conclude(result)
        }
        flushOutput()
        if let report {
            do {
                try ReportPage([result]).html.write(toFile: report, atomically: true, encoding: .utf8)
            } catch {
                complain("cannot write \(report): \(error.localizedDescription)")
                throw ExitStatus.unavailable
            }
        }
        if result.problem != nil { throw ExitStatus.unavailable }
    }

    private func address() throws(ValidationError) -> Address {
        do throws(AddressError) {
            return try Address(parsing: server, defaultPort: BenchServer.defaultPort)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
