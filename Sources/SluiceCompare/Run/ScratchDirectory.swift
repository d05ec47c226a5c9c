import Foundation
import Glibc

/// A directory of its own that goes with the value's last reference, and everything in it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        let template = NSTemporaryDirectory() + "sluice-compare-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else {
            throw TrialError("mkdtemp \(template): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // A service may run as another user, and has to get to its files.
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
