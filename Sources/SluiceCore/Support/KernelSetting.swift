import Glibc

/// The kernel's settings, as sysctl(8) shows them.
enum KernelSetting {
    /// The words of a setting, as `net.ipv4.tcp_wmem`. Empty where there is none, or no /proc.
    static func words(of name: String) -> [String] {
        let path = "/proc/sys/" + name.split(separator: ".").joined(separator: "/")
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { line in
            guard fgets(line.baseAddress, Int32(line.count), file) != nil else { return [] }
            return String(cString: line.baseAddress!).split(whereSeparator: \.isWhitespace).map(String.init)
        }
    }
}
