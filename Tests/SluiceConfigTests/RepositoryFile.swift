import Foundation

/// A file of this repository, found from where this source stands.
enum RepositoryFile {
    static let reference = path("docs/sluice.reference.yaml")
    static let schema = path("docs/sluice.schema.json")
    static let example = path("deploy/sluice.example.yaml")

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    private static func path(_ relative: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: relative).path
    }
}
