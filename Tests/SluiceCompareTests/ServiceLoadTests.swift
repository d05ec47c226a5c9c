import Foundation
import Glibc
import Testing

@testable import SluiceCompare

@Suite struct ServiceLoadTests {
    private func bed(_ count: Int, directory: String = "/nowhere") -> TestBed {
        let endpoints = (0..<count).map { TestBed.Endpoint(host: "10.77.0.2", port: UInt16(16_001 + $0)) }
        return TestBed(endpoints: endpoints, seconds: 4, seed: 1, directory: directory)
    }

    @Test func `every scenario has a port for each service, and a program for each client`() throws {
        for scenario in Scenario.services {
            try withDirectory { directory in
                let services = try scenario.load.services(in: directory)
                #expect(services.count == scenario.load.serviceCount)
                #expect(Set(services.map(\.port)).count == services.count)
                let clients = try scenario.load.clients(bed(services.count, directory: directory))
                #expect(clients.count == scenario.load.clientCount)
            }
        }
    }

    @Test func `each service of a request is reached over its own endpoint`() throws {
        let load = RequestLoad(kinds: [
            .redis, .postgres, .model(ModelService(environment: ["SLUICE_LLM": "/nowhere"])),
        ])
        let arguments = try #require(load.clients(bed(3)).first).arguments
        for (option, endpoint) in [
            ("--redis", "10.77.0.2:16001"), ("--postgres", "10.77.0.2:16002"), ("--llm", "10.77.0.2:16003"),
        ] {
            let index = try #require(arguments.firstIndex(of: option))
            #expect(arguments[index + 1] == endpoint)
        }
    }

    @Test func `the bulk outlasts what runs beside it`() throws {
        let arguments = try #require(BulkBeside().clients(bed(1)).first).arguments
        let index = try #require(arguments.firstIndex(of: "--time"))
        #expect(try #require(Double(arguments[index + 1])) > bed(1).seconds)
    }

    @Test func `a title says whether there is a model`() throws {
        #expect(ModelService(environment: ["SLUICE_LLM": "/nowhere"]).title == "demo origin, no model")
        try withDirectory { directory in
            for name in ["llama-server", "model.gguf"] {
                try "".write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
                chmod("\(directory)/\(name)", 0o755)
            }
            let model = ModelService(environment: ["SLUICE_LLM": directory])
            #expect(model.title == "Gemma 3 270M on llama.cpp")
            #expect(model.service.server.command == "\(directory)/llama-server")
        }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }
}
