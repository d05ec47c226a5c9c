import Foundation
import Testing

/// Looks again until it is so; a test whose condition never comes true fails after half a minute.
func waitUntil(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "it never came true", sourceLocation: sourceLocation)
        sched_yield()
    }
}

/// An empty file, removed afterwards.
func withTemporaryFile<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
        "sluice-lab-\(UUID().uuidString)"
    )
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file)
}
