import Foundation

/// The built executable that the tests are about.
enum SluiceBinary {
    /// `SLUICE_BIN`, or the `sluice` beside the test bundle: `swift test` builds both into one directory.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["SLUICE_BIN"] { return path }
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appendingPathComponent("sluice").path
    }()
}
