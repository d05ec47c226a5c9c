/// Several loads at the same time on one path: a service's clients beside bulk.
public struct CombinedLoad: Load {
    /// Where two of them measure the same thing, the earlier one's value counts.
    public var loads: [any Load]

    public init(_ loads: any Load...) { self.loads = loads }

    public var refusal: String? { loads.lazy.compactMap(\.refusal).first }
    public var serviceCount: Int { loads.reduce(0) { $0 + $1.serviceCount } }
    public var clientCount: Int { loads.reduce(0) { $0 + $1.clientCount } }

    public func services(in directory: String) throws -> [Service] {
        try loads.flatMap { try $0.services(in: directory) }
    }

    public func clients(_ bed: TestBed) throws -> [Program] {
        var endpoints = bed.endpoints[...]
        return try loads.flatMap { load in
            var part = bed
            part.endpoints = Array(endpoints.prefix(load.serviceCount))
            endpoints = endpoints.dropFirst(load.serviceCount)
            return try load.clients(part)
        }
    }

    public func measurements(_ outputs: [ProgramOutput]) throws -> Measurements {
        var outputs = outputs[...]
        return try loads.reduce(into: Measurements()) { sum, load in
            let part = try load.measurements(Array(outputs.prefix(load.clientCount)))
            outputs = outputs.dropFirst(load.clientCount)
            sum.values.merge(part.values) { earlier, _ in earlier }
            sum.payloadBytes += part.payloadBytes
            sum.results += part.results
            sum.distributions += part.distributions
        }
    }
}
