import ArgumentParser
import Foundation
import SluiceBench
import SluiceLab

/// One bench run across an emulated link: the server in host b, the client in host a, each a process of its own, as it is
/// between machines.
struct BenchLinkedRun {
    let link: LinkSpecification
    /// Of both hosts; nil leaves the kernel's default.
    let congestionControl: String?
    let plan: BenchPlan
    let connectTimeout: Double
    let observedPID: Int32?
    let showsLines: Bool

    /// Runs to the end, or until the first SIGINT or SIGTERM. What prevents a run is told, and then thrown as an exit code.
    func result() async throws -> BenchResult {
        do {
            let network = try LabNetwork(links: [link], congestionControl: congestionControl)
            defer { network.tearDown() }
            let directory = try Self.makeDirectory()
            defer { try? FileManager.default.removeItem(at: directory) }
            return try await run(in: network, BenchOrder.Desk(directory: directory))
        } catch let error as LabError {
            complain("lab: \(error)")
            throw ExitStatus.unavailable
        }
    }

    private func run(in network: LabNetwork, _ desk: BenchOrder.Desk) async throws -> BenchResult {
        let signals = StopSignals()
        let address = try await startServer(in: network)
        try desk.place(
            BenchOrder(
                plan: plan,
                address: address,
                connectTimeout: connectTimeout,
                observedPID: observedPID,
                showsLines: showsLines
            )
        )
        let client = try network.spawn(
            Self.executable,
            ["bench", "ordered", desk.directory.path],
            on: network.host(0),
            inForeground: true
        )
        let stopping = Task {
            await signals.first()
            client.signal(SIGINT)
        }
        let exit = await follow(client, desk, network.link(0))
        stopping.cancel()
        Terminal.takeBack()
        guard exit.code == 0, var result = try desk.collect() else {
            if case .killed(let number) = exit {
                complain("the client in the lab was killed by signal \(number)")
            }
            throw ExitCode(exit.code == 0 ? ExitStatus.unavailable.rawValue : exit.code)
        }
        result.link = network.link(0).report
        return result
    }

    /// Returns its address.
    private func startServer(in network: LabNetwork) async throws -> String {
        let host = network.host(1)
        let address = "\(host.address):\(BenchServer.defaultPort)"
        let server = try network.spawn(
            Self.executable,
            ["bench", "server", "--listen", address, "--one-off"],
            on: host,
            output: .discard
        )
        guard try await server.listens(on: host, beside: [], unless: { false }) else {
            complain("the bench server in the lab did not start")
            throw ExitStatus.unavailable
        }
        return address
    }

    /// Waits for the client's end. The link's clock starts anew when the measurement begins: on a long link, client and server
    /// take seconds to arrange it.
    private func follow(_ client: LabProcess, _ desk: BenchOrder.Desk, _ link: LabLink) async -> LabExit {
        var hasBegun = false
        while true {
            if let exit = client.result { return exit }
            if !hasBegun, desk.hasBegun {
                hasBegun = true
                link.restartClock()
            }
            try? await Task.sleep(for: .milliseconds(hasBegun ? 20 : 2))
        }
    }

    /// This program itself.
    private static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
    }

    private static func makeDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "sluice-bench-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }
}
