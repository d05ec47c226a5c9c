import Foundation

/// A directory of its own for `body`, and removed after it. Every user may enter it: some servers refuse to be root.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("sluice-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(
        at: directory,
        withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o777]
    )
    // The creation mask takes bits away from the attribute.
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
}

extension URL {
    /// Writes `text` into a new file of this directory. Returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = appendingPathComponent(name)
        try text.write(to: file, atomically: false, encoding: .utf8)
        return file.path
    }
}
