import CLibuv
import Glibc

/// Versions of what runs.
public enum SluiceVersion {
    /// Semantic version of this build.
    public static let sluice = "0.1.0"
    /// Version of the libuv that is loaded.
    public static var libuv: String { String(cString: uv_version_string()) }
    /// Release of the running kernel, as `uname -r` prints it.
    public static var kernel: String {
        var system = utsname()
        guard uname(&system) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &system.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
