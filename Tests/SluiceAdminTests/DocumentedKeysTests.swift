import Foundation
import Testing

@testable import SluiceAdmin

/// docs/admin-json.md has every key of the JSON, once in its own section.
@Suite struct DocumentedKeysTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/admin-json.md")

    /// The keys in the first column of the table under `heading`.
    private func keys(under heading: String) throws -> [String] {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(heading) })
        return section.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
            line.split(separator: "|")[0].matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
        }
    }

    private func expect<Keys>(_: Keys.Type, under heading: String) throws
    where Keys: CaseIterable & RawRepresentable<String> {
        #expect(try keys(under: heading).sorted() == Keys.allCases.map(\.rawValue).sorted())
    }

    @Test func connections() throws {
        try expect(ConnectionDocument.CodingKeys.self, under: "A connection\n")
        try expect(DirectionReport.CodingKeys.self, under: "A direction\n")
        try expect(DecisionDocument.CodingKeys.self, under: "A decision\n")
    }

    @Test func origins() throws {
        try expect(OriginDocument.CodingKeys.self, under: "An origin\n")
    }
}
