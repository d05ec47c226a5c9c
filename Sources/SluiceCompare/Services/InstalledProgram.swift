import Glibc

/// Where programs are found that this one starts.
enum InstalledProgram {
    /// - Parameter directories: looked into before `PATH`.
    /// - Returns: `nil` when it is in none of them.
    static func path(_ name: String, first directories: [String] = []) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        // Debian keeps servers out of an ordinary user's PATH.
        let others = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin", "/sbin"]
        return (directories + others).map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
