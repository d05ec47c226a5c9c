import CSluiceLinux
import Glibc
import SluiceCore

/// The server's listening socket. Owns its descriptor.
///
/// Without `SO_REUSEPORT`, unlike the proxy's listeners: two servers on one port would each take half of a run.
final class BenchListener: Sendable {
    let descriptor: Int32
    /// With its real port when port 0 was asked for.
    let address: SocketAddress

    init(_ wanted: SocketAddress) throws(SystemError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(wanted.family, type, 0)
        guard descriptor >= 0 else { throw .last("socket", on: wanted.description) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if case .ipv6(0, 0, _, _) = wanted {
            // `[::]` means both families, whatever net.ipv6.bindv6only says.
            on = 0
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size)
        }
        let isBound = wanted.withSockaddr { bind(descriptor, $0, $1) } == 0
        guard isBound, listen(descriptor, Int32.max) == 0 else {
            let error = SystemError.last(isBound ? "listen" : "bind", on: wanted.description)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        address = Self.name(of: descriptor) ?? wanted
    }

    deinit { close(descriptor) }

    /// A new connection, or `nil` when none waits.
    func accept() -> BenchSocket? {
        let accepted = csluice_accept(descriptor, nil, nil)
        return accepted >= 0 ? BenchSocket(takingOver: accepted) : nil
    }

    private static func name(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let status = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
            return status == 0 ? SocketAddress(UnsafeRawPointer(pointer), length: length) : nil
        }
    }
}
