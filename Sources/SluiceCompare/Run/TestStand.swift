import Foundation
import SluiceBench
import SluiceLab

/// The hosts of one trial, with what runs in them. Nothing of it is left after `tearDown`.
final class TestStand {
    let network: LabNetwork
    /// For configurations, data and outputs.
    let scratch: ScratchDirectory
    private let stop: Gate
    private var outputs = 0

    /// What a server may take to listen: a language model loads for many seconds.
    private static let patience = Duration.seconds(90)
    /// What preparing and warming up may take.
    private static let preparationLimit = Duration.seconds(120)
    private static let poll = Duration.milliseconds(10)

    init(_ links: [LinkSpecification], congestionControl: String, stop: Gate) throws {
        self.stop = stop
        scratch = try ScratchDirectory()
        network = try LabNetwork(links: links, congestionControl: congestionControl)
    }

    var clientHost: LabHost { network.host(0) }
    /// With a second link it is the one in the middle.
    var proxyHost: LabHost { network.host(min(1, network.links.count)) }
    var originHost: LabHost { network.host(network.links.count) }

    /// Where `host` reaches `other`.
    func address(of other: LabHost, from host: LabHost) -> String {
        host === other ? "127.0.0.1" : other.address
    }

    /// A program that has started, and the files of its output.
    struct Running {
        let program: Program
        let process: LabProcess
        let output: String
        let errors: String
    }

    func start(_ program: Program, on host: LabHost) throws -> Running {
        outputs += 1
        let base = "\(scratch.path)/\(outputs)-\(program.name.replacing(" ", with: "-"))"
        let process = try network.spawn(
            program.command,
            program.arguments,
            environment: program.environment,
            on: host,
            output: .file(path: "\(base).out"),
            errors: .file(path: "\(base).err")
        )
        return Running(program: program, process: process, output: "\(base).out", errors: "\(base).err")
    }

    /// Returns when it listens on all of these ports.
    @discardableResult
    func serve(_ program: Program, on host: LabHost, ports: [UInt16]) throws -> Running {
        let server = try start(program, on: host)
        let deadline = ContinuousClock.now + Self.patience
        while try !host.listeningPorts().isSuperset(of: ports) {
            try checkStop()
            if let exit = server.process.wait(for: Self.poll) {
                throw TrialError(program, TrialError.describe(exit), saying: server.errors)
            }
            if ContinuousClock.now > deadline {
                let list = ports.map { "\($0)" }.joined(separator: ", ")
                throw TrialError(program, "does not listen on port \(list)", saying: server.errors)
            }
        }
        return server
    }

    /// Runs a service's programs in the origin's host, in order.
    func serve(_ service: Service) throws {
        for program in service.preparation { try complete(program, on: originHost) }
        try serve(service.server, on: originHost, ports: [service.port])
        for program in service.warmUp { try complete(program, on: originHost) }
    }

    private func complete(_ program: Program, on host: LabHost) throws {
        let running = try start(program, on: host)
        _ = try wait(for: [running], until: ContinuousClock.now + Self.preparationLimit)
    }

    /// Waits for all of these to end well, and returns what they wrote. Calls `tick` some times a second.
    func wait(
        for programs: [Running],
        until deadline: ContinuousClock.Instant,
        tick: () -> Void = {}
    ) throws -> [ProgramOutput] {
        for running in programs {
            while true {
                try checkStop()
                if let exit = running.process.wait(for: .milliseconds(50)) {
                    guard exit == .exited(0) else {
                        throw TrialError(running.program, TrialError.describe(exit), saying: running.errors)
                    }
                    break
                }
                tick()
                if ContinuousClock.now > deadline {
                    throw TrialError(running.program, "does not end", saying: running.errors)
                }
            }
        }
        return try programs.map {
            ProgramOutput(
                name: $0.program.name,
                text: try String(contentsOfFile: $0.output, encoding: .utf8),
                directory: scratch.path
            )
        }
    }

    private func checkStop() throws {
        if stop.isOpen { throw Stopped() }
    }

    func tearDown() { network.tearDown() }
}
