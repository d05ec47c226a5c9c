import Foundation

enum OpenDescriptors {
    /// How many of each kind a process has open, from the links in /proc/PID/fd without their numbers (proc(5)): sockets, pipes,
    /// files by their paths.
    static func count(of process: Int32) throws -> [String: Int] {
        let directory = "/proc/\(process)/fd"
        let kinds = try FileManager.default.contentsOfDirectory(atPath: directory)
            // One may be closed meanwhile.
            .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)") }
            .map { $0.hasPrefix("anon_inode") ? $0 : String($0.prefix { $0 != "[" }) }
        return Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
    }
}
