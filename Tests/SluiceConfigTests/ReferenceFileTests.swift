import Testing
import Yams

@testable import SluiceConfig

/// Holds `docs/sluice.reference.yaml` to the key table.
@Suite struct ReferenceFileTests {
    private let lines: [Substring]
    private let root: Node

    init() throws {
        let text = try RepositoryFile.text(RepositoryFile.reference)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        root = try #require(try Yams.compose(yaml: text))
    }

    /// The parser refuses unknown keys, so this is also the way from the file to the table.
    @Test func itIsAValidConfiguration() throws {
        _ = try ConfigurationFile.load(path: RepositoryFile.reference)
    }

    @Test func everyKeyStandsThereWithItsDefaultAndMeaning() throws {
        try check(.document, at: [root], path: "")
    }

    /// `nodes` are all mappings of the file that belong to this section: the first that has a key explains it.
    private func check(_ section: Section, at nodes: [Node], path: String) throws {
        for key in section.keys {
            let place = path + key.name
            let pairs = nodes.compactMap(\.mapping).flatMap { Array($0) }.filter { $0.key.string == key.name }
            let first = try #require(pairs.first, "\(place) is not in the reference file")
            #expect(comment(above: first.key) == Self.comment(for: key), "\(place)")
            if case .text(let text) = key.fallback { #expect(first.value.string == text, "\(place)") }
            switch key.kind {
            // The classes have the same keys: the first explains them.
            case .section(let section, _) where path == "classes.":
                try check(section, at: nodes.compactMap(\.mapping).flatMap { $0.map(\.value) }, path: path)
            case .section(let section, _), .shorthand(let section, _):
                try check(section, at: pairs.map(\.value), path: "\(place).")
            case .sections(let section):
                try check(section, at: pairs.flatMap { Array($0.value.sequence ?? []) }, path: "\(place)[].")
            case .origins(let section, _), .listens(let section):
                try check(section, at: pairs.flatMap { Array($0.value.sequence ?? []) }, path: "\(place)[].")
            default: break
            }
        }
    }

    private static func comment(for key: Key) -> String {
        let start = key.fallback == .required ? "Required. " : ""
        switch key.kind {
        case .section, .shorthand, .sections, .name: return start + key.meaning
        default:
            // The head of the file shows the forms of sizes and durations, once.
            let allowed = key.kind.allowed.split(separator: ", as in ")[0]
            return "\(start)\(key.meaning) Allowed: \(allowed)."
        }
    }

    private func comment(above key: Node) -> String? {
        guard let line = key.mark?.line else { return nil }
        var words: [String] = []
        for text in lines[..<(line - 1)].reversed() {
            let text = text.drop { $0 == " " || $0 == "-" }
            guard text.hasPrefix("#") else { break }
            words.insert(text.dropFirst().trimmingPrefix { $0 == " " }.description, at: 0)
        }
        return words.joined(separator: " ")
    }
}
