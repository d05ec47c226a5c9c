import Glibc

/// Where a socket is bound or connected, as an operator writes it.
///
/// The text forms: `127.0.0.1:5432`, `[::1]:5432`, `db.example:5432`, `:5432` (every interface, IPv6 and IPv4;
/// to listen on only), `unix:/run/sluice.sock`.
public enum Address: Sendable, Hashable {
    /// A literal IPv4 or IPv6 address (without brackets), and its port.
    case ip(String, port: UInt16)
    /// A host name, and its port. Resolved when it is needed, off the loop.
    case name(String, port: UInt16)
    /// A Unix domain stream socket's path.
    case unix(path: String)
}

extension Address {
    /// Whether only this host itself reaches it: a loopback address, `localhost`, or a Unix socket.
    public var isLocal: Bool {
        switch self {
        case .ip(let host, let port): SocketAddress(literal: host, port: port)?.isLoopback ?? false
        case .name(let name, _): name.lowercased() == "localhost"
        case .unix: true
        }
    }
}

/// Where Sluice accepts clients.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    public var address: Address
    /// Of a Unix socket's file.
    public var permissions = SocketPermissions()
    public init(_ address: Address) { self.address = address }
    public var description: String { address.description }
}

/// What Sluice connects to for a client.
///
/// One more text form than `Address` has: `srv:_service._tcp.example`, a name whose SRV records (RFC 2782) bring hosts and ports.
public struct OriginAddress: Sendable, Hashable, CustomStringConvertible {
    /// Of an SRV name, the name, with port 0.
    public var address: Address
    /// Whether it is an SRV name.
    public let isService: Bool

    public init(_ address: Address) {
        self.address = address
        isService = false
    }

    public init(service name: String) {
        address = .name(name, port: 0)
        isService = true
    }

    public var description: String {
        if isService, case .name(let name, _) = address { return "srv:\(name)" }
        return address.description
    }
}

/// Why a text is no address.
public struct AddressError: Error, Sendable, Equatable, CustomStringConvertible {
    public let text: String
    public let problem: String
    public var description: String {
        "'\(text)' is not an address: \(problem) "
            + "(allowed: 127.0.0.1:5432, [::1]:5432, name:5432, :5432, unix:/path)"
    }
}

extension Address: CustomStringConvertible {
    /// Reads one of the text forms above. Throws `AddressError`.
    public init(parsing text: String) throws(AddressError) {
        if text.hasPrefix("unix:") {
            self = .unix(path: try Self.unixPath(in: text))
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw AddressError(text: text, problem: "it has no port")
        }
        let port = try Self.port(text[text.index(after: colon)...], of: text)
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), Self.isIPv6(String(host.dropFirst().dropLast())) else {
                throw AddressError(text: text, problem: "the brackets do not hold an IPv6 address")
            }
            host = host.dropFirst().dropLast()
            self = .ip(String(host), port: port)
        } else if host.contains(":") {
            throw AddressError(text: text, problem: "an IPv6 address stands in brackets")
        } else if host.isEmpty {
            self = .ip("::", port: port)
        } else if Self.isIPv4(String(host)) {
            self = .ip(String(host), port: port)
        } else {
            self = .name(try Self.hostName(host, of: text), port: port)
        }
    }

    public var description: String {
        switch self {
        case .ip(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .name(let name, let port): "\(name):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The port, or `nil` for a Unix socket.
    public var port: UInt16? {
        switch self {
        case .ip(_, let port), .name(_, let port): port
        case .unix: nil
        }
    }

    private static func unixPath(in text: String) throws(AddressError) -> String {
        let path = String(text.dropFirst("unix:".count))
        guard path.hasPrefix("/") else {
            throw AddressError(text: text, problem: "a Unix socket's path is absolute")
        }
        // The kernel would take the path up to there (unix(7)), and bind another one.
        guard !path.utf8.contains(0) else {
            throw AddressError(text: text, problem: "a Unix socket's path holds no NUL")
        }
        // sockaddr_un.sun_path holds 108 bytes with its terminator (unix(7)).
        guard path.utf8.count <= 107 else {
            throw AddressError(text: text, problem: "a Unix socket's path has at most 107 bytes")
        }
        return path
    }

    private static func port(_ digits: Substring, of text: String) throws(AddressError) -> UInt16 {
        guard !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits)
        else {
            throw AddressError(text: text, problem: "the port is a number from 0 to 65535")
        }
        return port
    }

    private static func hostName(_ host: Substring, of text: String) throws(AddressError) -> String {
        // RFC 1123: labels of letters, digits and hyphens; underscores are common in container networks.
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.allSatisfy {
                        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
                    }
            }
        guard isName, !host.allSatisfy({ $0.isNumber || $0 == "." }) else {
            throw AddressError(text: text, problem: "'\(host)' is neither an address nor a host name")
        }
        return String(host)
    }

    private static func isIPv4(_ host: String) -> Bool {
        var bytes = in_addr()
        return inet_pton(AF_INET, host, &bytes) == 1
    }

    private static func isIPv6(_ host: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET6, host, &bytes) == 1
    }
}

extension Address {
    /// The same for all spellings of one address: IPv6 has many, and host names have no case.
    package var canonical: Address {
        switch self {
        case .ip(let host, let port):
            var bytes = in6_addr()
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_pton(AF_INET6, host, &bytes) == 1,
                let spelling = inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
            else { return self }
            return .ip(String(cString: spelling), port: port)
        case .name(let name, let port): return .name(name.lowercased(), port: port)
        case .unix: return self
        }
    }
}
