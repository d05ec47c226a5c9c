import ArgumentParser
import Foundation
import SluiceBench
import SluiceCore
import SluiceLab

/// `sluice bench client`: one run against a bench server.
struct BenchClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract:
            "Run one measurement against a bench server: directly, through a proxy, or across an emulated link.",
        discussion: """
            Ctrl-C ends the run and reports what was measured. Exit codes: 0 measured; 64 wrong usage; 69 no server to \
            run against, no lab for a --link on this machine, or the run broke off.
            """
    )

    @Argument(
        help:
            "The server, or the proxy in front of it: HOST[:PORT]. Port \(BenchServer.defaultPort) by default."
    )
    var server: String?

    @Option(
        help: ArgumentHelp(
            "In place of a server: start one at the other end of an emulated link. A profile, settings, or both; see docs/lab.md.",
            valueName: "spec"
        )
    )
    var link: String?

    @Option(help: "With --link: the congestion control that both hosts start with: cubic, bbr, reno.")
    var hostCC: String?

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
        guard (0.01...3600).contains(connectTimeout) else {
            throw ValidationError("--connect-timeout takes 0.01 to 3600 seconds")
        }
        guard hostCC == nil || link != nil else {
            throw ValidationError(
                "--host-cc is about the hosts of a --link; without one, --congestion sets it"
            )
        }
        _ = try path()
    }

    func run() async throws {
        var result =
            switch try path() {
            case .network(let address): try await client(at: address).runUntilSignal()
            case .link(let link): try await linkedRun(link).result()
            }
        if let link { result.label = link }
        result.command = ["sluice"] + CommandLine.arguments.dropFirst()
        try publish(result)
    }

    /// What lies between client and server.
    private enum Path {
        case network(Address)
        case link(LinkSpecification)
    }

    private func path() throws(ValidationError) -> Path {
        switch (server, link) {
        case (let server?, nil): .network(try Self.address(server))
        case (nil, let link?): .link(try Self.specification(link))
        case (nil, nil):
            throw ValidationError(
                "a server is missing: HOST[:PORT], or --link SPEC for one behind an emulated link"
            )
        case (let server?, _?):
            throw ValidationError(
                "'\(server)' and --link exclude each other: --link starts a server of its own"
            )
        }
    }

    private func client(at address: Address) -> BenchClient {
        var client = BenchClient(plan: load.plan, address: address)
        client.observedPID = observePid
        client.connectTimeout = connectTimeout
        if !json { client.show(on: BenchConsole(plan: load.plan)) }
        return client
    }

    private func linkedRun(_ link: LinkSpecification) -> BenchLinkedRun {
        BenchLinkedRun(
            link: link,
            congestionControl: hostCC,
            plan: load.plan,
            connectTimeout: connectTimeout,
            observedPID: observePid,
            showsLines: !json
        )
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

    private static func address(_ text: String) throws(ValidationError) -> Address {
        do throws(AddressError) {
            return try Address(parsing: text, defaultPort: BenchServer.defaultPort)
        } catch {
            throw ValidationError(error.description)
        }
    }

    private static func specification(_ text: String) throws(ValidationError) -> LinkSpecification {
        do throws(LinkSpecificationError) {
            return try LinkSpecification(parsing: text)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
