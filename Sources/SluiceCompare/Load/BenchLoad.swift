import SluiceBench

/// The bench's own load: `sluice bench client` against `sluice bench server`.
public struct BenchLoad: Load {
    /// Of the client, without the address, the length and the seed.
    public var arguments: [String]

    public init(_ arguments: [String]) { self.arguments = arguments }

    public func services(in directory: String) -> [Service] {
        let port = BenchServer.defaultPort
        return [
            Service(
                port: port,
                server: .sluice("bench server", ["bench", "server", "--listen", "0.0.0.0:\(port)"])
            )
        ]
    }

    public func clients(_ bed: TestBed) -> [Program] {
        let fixed = ["bench", "client", "\(bed.endpoints[0])", "--json", "--connect-timeout", "15"]
        let timing = ["--time", "\(bed.seconds)", "--interval", "0.5", "--seed", "\(bed.seed)"]
        // What a full queue still holds at the end says nothing new, and may take longer than the trial.
        let drain = ["--drain", "0.5"]
        return [.sluice("bench client", fixed + timing + drain + arguments)]
    }

    public func measurements(_ outputs: [ProgramOutput]) throws -> Measurements {
        let results = try outputs.map { try BenchResult(json: $0.text) }
        return Measurements(
            values: results.reduce(into: [:]) { $0.merge(Self.values($1)) { earlier, _ in earlier } },
            payloadBytes: results.reduce(0) { $0 + Self.payloadBytes($1) },
            results: results
        )
    }
}
