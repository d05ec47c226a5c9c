import Foundation
import Testing

@testable import SluiceConfig

/// Holds `docs/sluice.schema.json` to the key table.
@Suite struct SchemaTests {
    /// After a change of the table, `SLUICE_WRITE_SCHEMA=1 swift test --filter SchemaTests` writes the file anew.
    @Test func theFileSaysWhatTheTableSays() throws {
        let options: JSONSerialization.WritingOptions = [
            .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
        ]
        let expected = try JSONSerialization.data(withJSONObject: SchemaRendering.render(), options: options)
        let url = URL(filePath: RepositoryFile.schema)
        if ProcessInfo.processInfo.environment["SLUICE_WRITE_SCHEMA"] != nil {
            try (expected + Data("\n".utf8)).write(to: url)
        }
        let actual = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        let normalized = try JSONSerialization.data(withJSONObject: actual, options: options)
        #expect(String(decoding: normalized, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    /// Every default of the table, written out, gives the configuration that an absent key gives.
    @Test func theDefaultsAreThoseOfConfiguration() throws {
        let route = "{name: a, listen: '127.0.0.1:1', to: 'b:2'"
        let minimal = try ConfigurationFile.parse("routes: [\(route)}]", file: "minimal")
        let written = "{\(Self.defaults(of: .document)), routes: [\(route), \(Self.defaults(of: .route))}]}"
        #expect(try ConfigurationFile.parse(written, file: "written") == minimal)
    }

    @Test func theStaticDefaultIsTheKernels() throws {
        let text =
            "routes: [{name: a, listen: ':1', to: 'b:2', policy: static, static: {ring: 64K\(Self.comma(.staticSizes))}}]"
        let written = try ConfigurationFile.parse(text, file: "written")
        #expect(written.routes.first?.policy == .fixed(.init(ringBytes: 65_536, notSentLowat: nil)))
    }

    private static func comma(_ section: Section) -> String { ", " + defaults(of: section) }

    private static func defaults(of section: Section) -> String {
        section.keys.compactMap { key in
            switch (key.fallback, key.kind) {
            case (.text(let text), _): "\(key.name): '\(text)'"
            case (.emptySection, .section(let section, _)), (.emptySection, .shorthand(let section, _)):
                "\(key.name): {\(defaults(of: section))}"
            default: nil
            }
        }.joined(separator: ", ")
    }
}
