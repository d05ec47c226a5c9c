import Foundation
import SluiceConfig
import Testing

/// What stands between a path and its text.
@Suite final class FileLoadingTests {
    private let directory: URL

    init() throws {
        directory = URL(filePath: NSTemporaryDirectory()).appending(
            path: "sluice-config-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    private func write(_ bytes: [UInt8]) throws -> String {
        let path = directory.appending(path: "sluice.yaml").path
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private func problem(at path: String) -> String? {
        #expect(throws: ConfigurationProblems.self) { try ConfigurationFile.load(path: path) }?.description
    }

    @Test func loadsAFile() throws {
        let path = try write(Array("routes: [{name: a, listen: ':1', to: 'b:2'}]".utf8))
        #expect(try ConfigurationFile.load(path: path).routes.map(\.name) == ["a"])
    }

    @Test func aMissingFileIsNamed() {
        let path = directory.appending(path: "none.yaml").path
        #expect(problem(at: path) == "\(path): cannot be read: No such file or directory")
    }

    @Test func aDirectoryIsNoFile() {
        #expect(problem(at: directory.path) == "\(directory.path): cannot be read: Is a directory")
    }

    @Test func anEmptyFileSaysWhatItNeeds() throws {
        let path = try write([])
        #expect(
            problem(at: path) == "\(path):1:1: the file is empty (allowed: a mapping with 'routes' in it)"
        )
    }

    @Test func bytesThatAreNotUTF8AreFoundByLine() throws {
        let path = try write(Array("workers: 1\n# caf".utf8) + [0xE9] + Array("\nmemory: 1M\n".utf8))
        #expect(problem(at: path) == "\(path):2:1: the line is not UTF-8 text")
    }

    @Test func anEndlessFileIsRefused() {
        #expect(problem(at: "/dev/zero") == "/dev/zero: is larger than 4M: this is no configuration file")
    }
}
