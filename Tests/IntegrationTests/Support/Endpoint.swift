import Glibc

/// A place that a socket is bound or connected to, in the notation of Sluice's configuration.
enum Endpoint: Sendable, Equatable, CustomStringConvertible {
    /// `host` is a literal IPv4 or IPv6 address, the latter without brackets.
    case tcp(host: String, port: UInt16)
    case unix(path: String)

    static func loopback(_ port: UInt16) -> Endpoint { .tcp(host: "127.0.0.1", port: port) }

    /// Reads `127.0.0.1:80`, `[::1]:80` and `unix:/path`.
    init?(_ text: String) {
        if text.hasPrefix("unix:") {
            self = .unix(path: String(text.dropFirst("unix:".count)))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        self = .tcp(host: text[..<colon].filter { $0 != "[" && $0 != "]" }, port: port)
    }

    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The TCP port; 0 for a Unix socket.
    var port: UInt16 {
        if case .tcp(_, let port) = self { port } else { 0 }
    }

    var family: Int32 {
        switch self {
        case .tcp(let host, _): host.contains(":") ? AF_INET6 : AF_INET
        case .unix: AF_UNIX
        }
    }

    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result) rethrows
        -> Result
    {
        switch self {
        case .tcp(let host, let port) where family == AF_INET6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            precondition(inet_pton(AF_INET6, host, &address.sin6_addr) == 1, "not an IPv6 address: \(host)")
            return try Self.rebound(&address, body)
        case .tcp(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            precondition(inet_pton(AF_INET, host, &address.sin_addr) == 1, "not an IPv4 address: \(host)")
            return try Self.rebound(&address, body)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { room in
                precondition(path.utf8.count < room.count, "too long for a Unix socket: \(path)")
                room.copyBytes(from: path.utf8)
            }
            return try Self.rebound(&address, body)
        }
    }

    private static func rebound<Address, Result>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
    ) rethrows -> Result {
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    /// Whether this machine has IPv6 on its loopback interface.
    static let hasIPv6Loopback: Bool = (try? Listener(host: "::1")) != nil

    /// A TCP port of 127.0.0.1 that nothing listens on, for servers that cannot choose one themselves.
    ///
    /// It is taken from below the range of ephemeral ports (32768 and up), so that none of the thousands of outgoing
    /// connections of a test run can take it before the server does.
    static func freePort() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 20000..<32000)
            if (try? Listener(host: "127.0.0.1", port: port)) != nil { return port }
        }
        throw DeadlinePassed(awaited: "a free port")
    }
}
