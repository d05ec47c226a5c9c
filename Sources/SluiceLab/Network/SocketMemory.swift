import CSluiceLab
import Glibc

/// A TCP socket of a host.
public struct LabTCPSocket: Sendable, Hashable {
    public var localPort: UInt16
    /// 0 when it listens.
    public var remotePort: UInt16
    /// What the kernel holds for it, bytes: data that has arrived, data that waits to be sent or acknowledged, and what is
    /// reserved for more, with all overhead (`INET_DIAG_SKMEMINFO` of sock_diag(7)).
    public var memory: Int
}

/// Asks for a host's TCP sockets again and again. Owns a descriptor. For one thread at a time.
public final class LabSocketMonitor {
    private let netlink: Int32
    private let name: String
    private var found = [csluicelab_tcp_socket](repeating: csluicelab_tcp_socket(), count: 64)

    public init(_ host: LabHost) throws(LabError) {
        // NETLINK_SOCK_DIAG, which Glibc's module does not show.
        netlink = try host.socket(domain: AF_NETLINK, type: Int32(SOCK_RAW.rawValue), protocol: 4)
        name = host.name
    }

    deinit { close(netlink) }

    /// All of them, of IPv4 and IPv6.
    public func sockets() throws(LabError) -> [LabTCPSocket] {
        try sockets(AF_INET) + sockets(AF_INET6)
    }

    private func sockets(_ family: Int32) throws(LabError) -> [LabTCPSocket] {
        while true {
            let count = try Int(
                check(
                    csluicelab_tcp_sockets(netlink, family, &found, Int32(found.count)),
                    "sock_diag in host",
                    name
                )
            )
            if count <= found.count {
                return found[..<count].map {
                    LabTCPSocket(localPort: $0.local_port, remotePort: $0.remote_port, memory: Int($0.memory))
                }
            }
            found += Array(repeating: csluicelab_tcp_socket(), count: count)
        }
    }
}
