import Testing

@testable import SluiceCompare

@Suite struct LoadTests {
    /// As many services and clients as it is told; each client's output is a number.
    private struct FakeLoad: Load {
        let name: String
        let serviceCount: Int
        let clientCount: Int
        var refusal: String?

        func services(in directory: String) -> [Service] {
            (0..<serviceCount).map {
                Service(port: UInt16(7000 + $0), server: Program("\(name)\($0)", "server"))
            }
        }

        func clients(_ bed: TestBed) -> [Program] {
            let ports = bed.endpoints.map { "\($0.port)" }
            return (0..<clientCount).map { Program("\(name)\($0)", "client", ports) }
        }

        func measurements(_ outputs: [ProgramOutput]) throws -> Measurements {
            Measurements(
                values: [name: Double(outputs.count), "first": Double(outputs[0].text) ?? -1],
                payloadBytes: UInt64(outputs.count)
            )
        }
    }

    private let load = CombinedLoad(
        FakeLoad(name: "a", serviceCount: 2, clientCount: 1),
        FakeLoad(name: "b", serviceCount: 1, clientCount: 3)
    )

    @Test func `combined loads get their own endpoints and outputs`() throws {
        #expect(load.serviceCount == 3)
        #expect(load.clientCount == 4)
        #expect(try load.services(in: "/").map(\.name) == ["a0", "a1", "b0"])
        let endpoints = [1, 2, 3].map { TestBed.Endpoint(host: "10.77.0.2", port: $0) }
        let bed = TestBed(endpoints: endpoints, seconds: 1, seed: 1, directory: "/")
        #expect(try load.clients(bed).map(\.arguments) == [["1", "2"], ["3"], ["3"], ["3"]])
        let outputs = (0..<4).map { ProgramOutput(name: "x", text: "\($0)", directory: "/") }
        let measured = try load.measurements(outputs)
        #expect(measured.values == ["a": 1, "b": 3, "first": 0])
        #expect(measured.payloadBytes == 4)
    }

    @Test func `a load that one part refuses cannot run`() {
        let refused = FakeLoad(name: "c", serviceCount: 1, clientCount: 1, refusal: "install it")
        #expect(CombinedLoad(load, refused).refusal == "install it")
        #expect(load.refusal == nil)
    }

    @Test func `every scenario can be asked for, and shows its measures`() {
        let names = Scenario.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Scenario.quick.count == 2)
        for scenario in Scenario.all {
            #expect(Scenario.named(scenario.name)?.name == scenario.name)
            #expect(!scenario.claims.isEmpty)
        }
    }

    @Test(arguments: ["1 (sh) S 0 77 77 0", "1 (a) b) c) S 0 77 77 0"])
    func `a process group is found behind any name`(stat: String) {
        #expect(ProxyWatch.processGroup(inStat: stat) == 77)
    }
}
