import Foundation
import Testing

/// The policy stays a policy: nothing in the module can do I/O, read a clock, or turn the kernel's autotuning
/// off.
@Suite struct PurityTests {
    private func sources() throws -> [(name: String, text: String)] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/SluiceControl").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "swift" }
            .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
    }

    @Test func importsNothing() throws {
        let sources = try sources()
        #expect(sources.count > 5)
        for (name, text) in sources {
            let imports = text.split(separator: "\n").filter {
                $0.hasPrefix("import ") || $0.contains(" import ")
            }
            #expect(imports.isEmpty, "\(name)")
            #expect(!text.contains("ContinuousClock") && !text.contains("SuspendingClock"), "\(name)")
        }
    }
}
