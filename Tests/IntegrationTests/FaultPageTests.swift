import Foundation
import Testing

/// docs/faults.md says which test answers which fault: its names are those of tests, and no test of a fault is missing there.
@Suite struct FaultPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let faultSuites = [
        "OriginFaultTests", "ClientFaultTests", "ExhaustionTests", "LogFaultTests", "ClockTests", "SoakTests",
    ]

    /// As the page writes them: suite, slash, test.
    private func named() throws -> Set<String> {
        let page = try String(contentsOf: Self.root.appending(path: "docs/faults.md"), encoding: .utf8)
        return Set(page.matches(of: /`(\w+Tests\/[^`]+)`/).map { String($0.output.1) })
    }

    /// More than one module may have a suite of that name.
    private func tests(of suite: String) throws -> Set<String> {
        let files = try #require(
            FileManager.default.enumerator(
                at: Self.root.appending(path: "Tests"),
                includingPropertiesForKeys: nil
            )
        )
        let sources = try files.compactMap { $0 as? URL }
            .filter { $0.lastPathComponent == "\(suite).swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }
        let pattern = /@Test.*?func (?:`([^`]+)`|(\w+))\(/.dotMatchesNewlines()
        return Set(
            sources.flatMap { $0.matches(of: pattern) }.map { "\(suite)/\($0.output.1 ?? $0.output.2!)" }
        )
    }

    @Test func `every test that the page names is there`() throws {
        let names = try named()
        #expect(names.count > 20)
        for suite in Set(names.map { String($0.prefix { $0 != "/" }) }) {
            let missing = names.filter { $0.hasPrefix("\(suite)/") }.subtracting(try tests(of: suite))
            #expect(missing.isEmpty)
        }
    }

    @Test func `every test of a fault is on the page`() throws {
        let names = try named()
        for suite in Self.faultSuites {
            let tests = try tests(of: suite)
            #expect(!tests.isEmpty && tests.isSubset(of: names), "\(tests.subtracting(names))")
        }
    }
}
