/// A download that begins together with another load's clients, and outlasts them: all of them run beside it.
struct BulkBeside: Load {
    private let bulk = BenchLoad(["--mode", "stream", "--reverse"])

    /// What the others may take on top of the measurement: connecting, and the request that is under way at its end.
    private static let margin = 3.0

    func services(in directory: String) -> [Service] { bulk.services(in: directory) }

    func clients(_ bed: TestBed) -> [Program] {
        var bed = bed
        bed.seconds += Self.margin
        return bulk.clients(bed)
    }

    func measurements(_ outputs: [ProgramOutput]) throws -> Measurements { try bulk.measurements(outputs) }
}
