import Foundation
import SluiceConfig
import Testing

@testable import SluiceCompare

@Suite struct CandidateTests {
    @Test func `a name reads back as the candidate`() throws {
        for candidate in Candidate.standard + [.adaptiveUnprivileged] + Peer.allCases.map({ .peer($0) }) {
            #expect(try Candidate(parsing: candidate.name) == candidate)
        }
        let setting = StaticSetting(bytes: 4 << 20, congestionControl: "bbr")
        #expect(try Candidate(parsing: "static-4M-bbr") == .sluice(.fixed(setting)))
        #expect(Candidate.sluice(.fixed(setting)).name == "static-4M-bbr")
        for name in ["static-64K-lowat16K", "static-1M-bbr-lowat512"] {
            #expect(try Candidate(parsing: name).name == name)
        }
    }

    @Test(arguments: [
        "", "squid", "static-", "static-fast", "static-1", "static-1G", "static-64K-no such", "static-64K-",
        "static-64K-lowat0", "static-64K-lowatX",
        "static-64K-lowat16K-bbr", "static-64K-bbr-reno",
    ])
    func `what names no candidate is refused`(text: String) {
        #expect(throws: CandidateError.self) { try Candidate(parsing: text) }
    }

    private static let routes = [
        ProxyRoute(name: "one", listenPort: 16_001, originHost: "127.0.0.1", originPort: 5210),
        ProxyRoute(name: "two", listenPort: 16_002, originHost: "10.77.1.2", originPort: 5432),
    ]

    @Test(arguments: [
        SluicePolicy.kernel, .adaptive, .adaptiveUnprivileged, .fixed(StaticSetting(bytes: 64 << 10)),
        .fixed(StaticSetting(bytes: 16 << 20, congestionControl: "bbr", notSentLowat: 16 << 10)),
    ])
    func `Sluice accepts its configuration`(policy: SluicePolicy) throws {
        let directory = try ScratchDirectory()
        let file = "\(directory.path)/sluice.yaml"
        try policy.configuration(for: Self.routes).write(toFile: file, atomically: false, encoding: .utf8)
        let configuration = try ConfigurationFile.load(path: file)
        #expect(configuration.routes.map(\.name) == ["one", "two"])
    }

    /// Both comparisons of this project have to be fair in the same way.
    @Test(arguments: Peer.allCases)
    func `a peer has the settings of Bench peers`(peer: Peer) throws {
        let template = try String(contentsOfFile: Self.template(peer), encoding: .utf8)
            .replacing("127.0.0.1:${listen_port}", with: "0.0.0.0:16001")
            .replacing(
                "address: 127.0.0.1, port_value: ${listen_port}",
                with: "address: 0.0.0.0, port_value: 16001"
            )
            .replacing("${listen_port}", with: "16001")
            .replacing("${origin_port}", with: "5210")
            .replacing("${directory}", with: "/scratch")
            .replacing("cluster: origin", with: "cluster: bench-origin")
            .replacing("name: origin", with: "name: bench-origin")
            .replacing("cluster_name: origin", with: "cluster_name: bench-origin")
        let route = ProxyRoute(name: "bench", listenPort: 16_001, originHost: "127.0.0.1", originPort: 5210)
        let text = peer.configuration(for: [route], in: "/scratch")
        #expect(Self.settings(text) == Self.settings(template))
    }

    /// The lines in order, without comments, indentation, and the module that Debian's nginx loads.
    private static func settings(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") && !$0.contains("load_module") }
    }

    private static func template(_ peer: Peer) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Bench/peers/config/\(peer.configurationName)").path
    }
}
