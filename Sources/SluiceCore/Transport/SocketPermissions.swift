import Glibc

/// Who may connect to a Unix socket: whoever may write to its file (unix(7)), which has a mode and a group.
public struct SocketPermissions: Sendable, Hashable {
    /// The file's permission bits. `nil`: those that the umask leaves.
    public var mode: UInt32?
    /// The name or the number of the file's group. `nil`: the one that the process creates files with.
    public var group: String?

    public init() {}

    /// The group, where this host has none of that name.
    var unknownGroup: String? { group.flatMap { Self.number(of: $0) == nil ? $0 : nil } }

    /// Gives them to the socket's file. Only root, or CAP_CHOWN, may give a file to a group that the process is not in (chown(2)).
    func apply(to path: String) throws(SystemError) {
        // The group first: until then the mode is for another one.
        if let group = group.flatMap(Self.number) { try Self.give(path, to: group) }
        if let mode, chmod(path, mode_t(mode)) != 0 { throw .last("chmod", on: "unix:\(path)") }
    }

    private static func give(_ path: String, to group: gid_t) throws(SystemError) {
        var status = stat()
        // A service manager may forbid the call altogether, and have its own way to set the group.
        if lstat(path, &status) == 0, status.st_gid == group { return }
        guard lchown(path, uid_t.max, group) == 0 else { throw .last("chown", on: "unix:\(path)") }
    }

    private static func number(of group: String) -> gid_t? {
        if let number = gid_t(group) { return number }
        // The second is for a group with tens of thousands of members.
        for size in [16 << 10, 4 << 20] {
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            var text = [CChar](repeating: 0, count: size)
            let status = getgrnam_r(group, &entry, &text, size, &found)
            if status != ERANGE { return found == nil ? nil : entry.gr_gid }
        }
        return nil
    }
}
