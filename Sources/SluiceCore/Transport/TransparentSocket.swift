import Glibc

/// The socket options that make a proxy invisible: to be reached under, and to speak from, addresses of others. Most take
/// CAP_NET_ADMIN. The constants are the kernel's, which Glibc's headers hide behind a macro or lack (include/uapi/linux).
enum TransparentSocket {
    /// in.h: IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT (Linux 4.2).
    private static let ipTransparent: Int32 = 19
    private static let ipBindAddressNoPort: Int32 = 24
    /// in6.h: IPV6_TRANSPARENT.
    private static let ipv6Transparent: Int32 = 75
    /// netfilter_ipv4.h: SO_ORIGINAL_DST. netfilter_ipv6/ip6_tables.h: IP6T_SO_ORIGINAL_DST.
    private static let originalDestination: Int32 = 80

    /// Lets the socket be bound to an address that is not this host's, and a listener take what nftables' `tproxy` hands it.
    static func allowForeignAddresses(_ descriptor: Int32, family: Int32) throws(SystemError) {
        if family == AF_INET6 {
            try set(descriptor, Int32(IPPROTO_IPV6), ipv6Transparent, 1, "setsockopt IPV6_TRANSPARENT")
        } else {
            try set(descriptor, Int32(IPPROTO_IP), ipTransparent, 1, "setsockopt IP_TRANSPARENT")
        }
    }

    /// Makes connect() start from `client`'s address. The port is chosen at connect(), when the destination is known: so one
    /// client may have as many connections to each origin as there are ports.
    static func speakAs(_ client: SocketAddress, _ descriptor: Int32, family: Int32) throws(SystemError) {
        let source = client.host
        guard source.family == family else {
            throw SystemError(code: EAFNOSUPPORT, call: "bind", subject: source.description)
        }
        try allowForeignAddresses(descriptor, family: family)
        try set(descriptor, Int32(IPPROTO_IP), ipBindAddressNoPort, 1, "setsockopt IP_BIND_ADDRESS_NO_PORT")
        guard source.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else {
            throw .last("bind", on: source.description)
        }
    }

    /// What the packet filter sees as `meta mark` on everything that this socket sends.
    static func mark(_ descriptor: Int32, as value: UInt32) throws(SystemError) {
        try set(descriptor, SOL_SOCKET, SO_MARK, Int32(bitPattern: value), "setsockopt SO_MARK")
    }

    /// Where an accepted connection wanted to go before nftables' `redirect` changed that, as connection tracking has it;
    /// `nil` where it knows nothing.
    static func redirectedFrom(_ descriptor: Int32, peer: SocketAddress) -> SocketAddress? {
        let level = peer.unmapped.family == AF_INET6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP)
        return SocketAddress.filled { getsockopt(descriptor, level, originalDestination, $0, $1) }
    }

    /// Throws what the kernel says to the options that `route` asks for: better now than with each connection.
    static func check(_ route: RouteConfiguration) throws(SystemError) {
        guard route.source == .client || route.mark != nil else { return }
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw .last("socket") }
        defer { close(probe) }
        do {
            if route.source == .client { try allowForeignAddresses(probe, family: AF_INET) }
            if let value = route.mark { try mark(probe, as: value) }
        } catch {
            throw SystemError(code: error.code, call: error.call, subject: "of route \(route.name)")
        }
    }

    private static func set(
        _ descriptor: Int32,
        _ level: Int32,
        _ option: Int32,
        _ value: Int32,
        _ call: String
    ) throws(SystemError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, level, option, &value, size) == 0 else { throw .last(call) }
    }
}
