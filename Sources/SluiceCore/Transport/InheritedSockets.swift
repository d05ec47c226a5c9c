import Glibc

/// Listening sockets that this process was started with: by systemd (socket activation), or by the Sluice before it, which
/// hands over to this one. Both speak sd_listen_fds(3)'s protocol: descriptors from 3 on, as many as `LISTEN_FDS` says, for
/// the process that `LISTEN_PID` names, each with a name in `LISTEN_FDNAMES`.
///
/// Owns the sockets until they are taken, or closed by `closeRest`.
public struct InheritedSockets: Sendable {
    private struct Entry {
        let socket: ListenSocket
        /// A route's, where Sluice or the unit file's `FileDescriptorName=` has set it.
        let name: String
        /// See `BoundListener.ownsFile`.
        let ownsFile: Bool
    }

    private static let firstDescriptor: Int32 = 3

    private var entries: [Entry] = []
    /// None.
    public init() {}

    /// Those that the environment tells of, which is cleared of them: programs that this one starts have no business there.
    /// What is no listening stream socket is left alone.
    /// - Parameter isHandedOver: Whether they come from another Sluice, which leaves the files of Unix sockets to this one, except those
    ///   that were not its own.
    public init(environmentHandedOver isHandedOver: Bool) {
        func take(_ name: String) -> String? {
            defer { unsetenv(name) }
            return getenv(name).map { String(cString: $0) }
        }
        let (process, count) = (
            take("LISTEN_PID").flatMap(Int32.init), take("LISTEN_FDS").flatMap(Int32.init)
        )
        let names = (take("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        let kept = take(Successor.keptFilesVariable) ?? ""
        let keptFiles = kept.split(separator: ",").compactMap { Int32($0) }
        guard process == getpid(), let count, (1...4096).contains(count) else { return }
        for index in 0..<count {
            let descriptor = Self.firstDescriptor + index
            guard let socket = ListenSocket(inherited: descriptor) else { continue }
            let name = Int(index) < names.count ? String(names[Int(index)]) : ""
            let ownsFile = isHandedOver && !keptFiles.contains(index)
            entries.append(Entry(socket: socket, name: name, ownsFile: ownsFile))
        }
    }

    /// Takes those that are bound to `address`; without any, whoever binds owns the file. Where it leaves the port to the kernel, the
    /// route's name has to be theirs.
    mutating func take(
        for address: ListenAddress,
        route: String
    ) -> (sockets: [ListenSocket], ownsFile: Bool) {
        guard let first = entries.first(where: { Self.matches($0, address, route) }) else {
            return ([], true)
        }
        // All of one address: one for each of the earlier workers.
        let taken = entries.filter { $0.socket.address == first.socket.address }
        entries.removeAll { $0.socket.address == first.socket.address }
        return (taken.map(\.socket), first.ownsFile)
    }

    /// Closes what the configuration has no use for, and returns where it was bound.
    public mutating func closeRest() -> [String] {
        defer { entries.removeAll() }
        for entry in entries { close(entry.socket.descriptor) }
        return entries.map(\.socket.address.description)
    }

    private static func matches(_ entry: Entry, _ wanted: ListenAddress, _ route: String) -> Bool {
        let bound = entry.socket.address
        switch wanted.address {
        case .unix(let path): return bound == .unix(path)
        case .name(let name, let port):
            guard let resolved = try? ListenSocket.resolve(name, port: port) else { return false }
            return matches(entry, resolved, route)
        case .ip(let host, let port):
            guard let literal = SocketAddress(literal: host, port: port) else { return false }
            // `:5432` is bound to IPv4 alone on a host without IPv6.
            return matches(entry, literal, route)
                || (host == "::" && matches(entry, .ipv4(INADDR_ANY, port: port), route))
        }
    }

    private static func matches(_ entry: Entry, _ wanted: SocketAddress, _ route: String) -> Bool {
        guard wanted.port == 0 else { return entry.socket.address == wanted }
        return entry.name == route && entry.socket.address.host == wanted.host
    }
}
