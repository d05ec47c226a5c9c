import Glibc

/// An address as the kernel takes it: small, because every connection keeps its client's.
package enum SocketAddress: Hashable, Sendable {
    case ipv4(UInt32, port: UInt16)
    /// Both halves in network byte order.
    case ipv6(UInt64, UInt64, port: UInt16, scope: UInt32)
    /// The path of a Unix socket; empty for an unnamed peer.
    case unix(String)

    /// A literal address. `nil` when `host` is none.
    package init?(literal host: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            self = .ipv4(four.s_addr, port: port)
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            self = Self.ipv6(six, port: port, scope: 0)
        } else {
            return nil
        }
    }

    /// What `fill`, a call like getsockname, fills in. `nil` when it fails.
    static func filled(
        by fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let status = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { fill($0, &length) }
            return status == 0 ? SocketAddress(UnsafeRawPointer(pointer), length: length) : nil
        }
    }

    /// The address of this end of a socket.
    static func local(of descriptor: Int32) -> SocketAddress? {
        filled { getsockname(descriptor, $0, $1) }
    }

    /// What accept, getsockname or getaddrinfo filled in. `nil` for a family that Sluice does not speak.
    package init?(_ pointer: UnsafeRawPointer, length: socklen_t) {
        switch Int32(pointer.load(as: sockaddr.self).sa_family) {
        case AF_INET:
            let address = pointer.load(as: sockaddr_in.self)
            self = .ipv4(address.sin_addr.s_addr, port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = pointer.load(as: sockaddr_in6.self)
            self = Self.ipv6(
                address.sin6_addr,
                port: UInt16(bigEndian: address.sin6_port),
                scope: address.sin6_scope_id
            )
        case AF_UNIX:
            let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
            let bytes = UnsafeRawBufferPointer(start: pointer + offset, count: max(0, Int(length) - offset))
            self = .unix(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        default:
            return nil
        }
    }

    private static func ipv6(_ bytes: in6_addr, port: UInt16, scope: UInt32) -> SocketAddress {
        withUnsafeBytes(of: bytes) { bytes in
            .ipv6(
                bytes.load(as: UInt64.self),
                bytes.load(fromByteOffset: 8, as: UInt64.self),
                port: port,
                scope: scope
            )
        }
    }

    package var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    var isTCP: Bool { family != AF_UNIX }

    /// 127.0.0.0/8 or ::1, IPv4-mapped too.
    var isLoopback: Bool {
        switch host {
        case .ipv4(let bits, _): UInt32(bigEndian: bits) >> 24 == 127
        case .ipv6(let high, let low, _, _): high == 0 && UInt64(bigEndian: low) == 1
        case .unix: false
        }
    }

    /// 0 for a Unix socket.
    package var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port, _): port
        case .unix: 0
        }
    }

    /// 0.0.0.0 or ::, which a listener has for every interface.
    var isAny: Bool {
        switch self {
        case .ipv4(0, _), .ipv6(0, 0, _, _): true
        default: false
        }
    }

    /// The same host whatever its port: what a limit per client counts. IPv4-mapped IPv6 counts as IPv4; the clients of
    /// a Unix socket count as one.
    var host: SocketAddress {
        switch unmapped {
        case .ipv4(let address, _): .ipv4(address, port: 0)
        case .ipv6(let high, let low, _, let scope): .ipv6(high, low, port: 0, scope: scope)
        case .unix: .unix("")
        }
    }

    /// The same, in IPv4's form where it is IPv4-mapped IPv6 (RFC 4291, 2.5.5.2).
    var unmapped: SocketAddress {
        guard case .ipv6(0, let low, let port, _) = self, UInt64(bigEndian: low) >> 32 == 0xffff else {
            return self
        }
        return .ipv4(UInt32(truncatingIfNeeded: low >> 32), port: port)
    }

    /// The same, in the form of IPv4-mapped IPv6 where it is IPv4.
    var mapped: SocketAddress {
        guard case .ipv4(let bits, let port) = self else { return self }
        return .ipv6(0, UInt64(bits) << 32 | UInt64(bigEndian: 0xffff << 32), port: port, scope: 0)
    }

    /// Calls `body` with this address in the kernel's form.
    package func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length = withUnsafeMutableBytes(of: &storage) { fill($0) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private func fill(_ storage: UnsafeMutableRawBufferPointer) -> socklen_t {
        switch self {
        case .ipv4(let bits, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = bits
            storage.storeBytes(of: address, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .ipv6(let high, let low, let port, let scope):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
                bytes.storeBytes(of: high, as: UInt64.self)
                bytes.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
            }
            storage.storeBytes(of: address, as: sockaddr_in6.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { bytes in
                bytes.copyBytes(from: path.utf8.prefix(bytes.count - 1))
            }
            storage.storeBytes(of: address, as: sockaddr_un.self)
            return socklen_t(MemoryLayout<sockaddr_un>.size)
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:80`, `[::1]:80`, `unix:/path`; IPv4-mapped IPv6 in IPv4's form.
    package var description: String {
        switch unmapped {
        case .ipv4(_, let port): "\(unmapped.hostText):\(port)"
        case .ipv6(_, _, let port, let scope): "[\(hostText)\(scope == 0 ? "" : "%\(scope)")]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The address alone, in the form of inet_ntop(3); a Unix socket's path.
    var hostText: String {
        switch self {
        case .ipv4(let bits, _): Self.text(AF_INET, of: bits)
        case .ipv6(let high, let low, _, _): Self.text(AF_INET6, of: (high, low))
        case .unix(let path): path
        }
    }

    private static func text<Bytes>(_ family: Int32, of bytes: Bytes) -> String {
        withUnsafeBytes(of: bytes) { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
                inet_ntop(family, bytes.baseAddress!, text.baseAddress!, socklen_t(text.count))
                return String(cString: text.baseAddress!)
            }
        }
    }
}
