import CLibuv

/// Versions of what runs.
public enum SluiceVersion {
    /// Semantic version of this build.
    public static let sluice = "0.1.0"
    /// Version of the libuv that is loaded.
    public static var libuv: String { String(cString: uv_version_string()) }
}
