import ArgumentParser
import Foundation
import SluiceConfig
import SluiceLab

/// `sluice lab run`: one command on an emulated link, with the servers that it needs.
struct LabRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command in host a, and report what the link did meanwhile.",
        discussion: """
            Host a is 10.77.0.1, host b 10.77.0.2. With --second-link, host b is in the middle, and host c is 10.77.1.2. \
            Servers start first; the command starts when each has a listening TCP port. What is left of all of them is \
            ended with the command.

                sluice lab run --link dsl-bloated --server 'iperf3 -s -1' -- iperf3 -c 10.77.0.2 -t 5

            Exit codes: the command's own; 124 when --duration was over; 69 where the lab cannot run.
            """
    )

    @Option(
        help: ArgumentHelp(
            "A profile, settings, or both: rate=50mbit,delay=10ms,queue=200ms. Delays are one-way.",
            valueName: "spec"
        )
    )
    var link: String

    @Option(help: ArgumentHelp("A link behind host b, to a third host.", valueName: "spec"))
    var secondLink: String?

    @Option(help: "Congestion control of all hosts: cubic, bbr, reno. The kernel's default otherwise.")
    var hostCC: String?

    @Option(help: "Everything ends after this time.")
    var duration = "10m"

    @Option(help: "A shell command to run in the last host, before the command.")
    var server: String?

    @Option(help: "A shell command to run in host b, between server and command. Needs --second-link.")
    var proxy: String?

    @Option(help: "The host that the command runs in.")
    var on = "a"

    @Flag(help: "Print the report as JSON; the commands' own output goes to standard error.")
    var json = false

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after '--'.")
    var command: [String]

    func validate() throws {
        _ = try plan()
    }

    func run() async throws {
        let plan = try plan()
        let signals = StopSignals()
        do {
            let network = try LabNetwork(links: plan.links, congestionControl: hostCC)
            let run = LabRun(network: network, plan: plan)
            let stop = Task {
                let number = await signals.first()
                run.interrupt(128 + number)
            }
            let code = try await run.untilItEnds()
            stop.cancel()
            network.tearDown()
            if code != 0 { throw ExitCode(code) }
        } catch let error as LabError {
            complain("lab: \(error)")
            throw ExitStatus.unavailable
        }
    }

    private func plan() throws -> LabRun.Plan {
        guard !command.isEmpty else { throw ValidationError("a command is missing, after '--'") }
        guard proxy == nil || secondLink != nil else { throw ValidationError("--proxy needs --second-link") }
        do {
            let links = try ([link] + (secondLink.map { [$0] } ?? [])).map {
                try LinkSpecification(parsing: $0)
            }
            let names = ["a", "b", "c"].prefix(links.count + 1)
            guard let host = names.firstIndex(of: on) else {
                throw ValidationError(
                    "--on '\(on)': there is no such host (allowed: \(names.joined(separator: ", ")))"
                )
            }
            return LabRun.Plan(
                links: links,
                server: server,
                proxy: proxy,
                command: command,
                host: host,
                limit: try DurationText(parsing: duration).duration,
                json: json
            )
        } catch let error as LinkSpecificationError {
            throw ValidationError("\(error)")
        } catch let error as DurationTextError {
            throw ValidationError("--duration: \(error)")
        }
    }
}
