import FlyingSocks
import Glibc
import SluiceCore

/// Turns the configured address into what a socket binds to, and back.
enum AdminListenAddress {
    /// The literal addresses behind a host name, in the resolver's order; any other address as it is.
    ///
    /// Blocks while the resolver works: the server's start may.
    static func resolve(_ listen: ListenAddress) throws(AdminServerError) -> [ListenAddress] {
        guard case .name(let name, let port) = listen.address else { return [listen] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &list)
        guard status == 0 else {
            throw AdminServerError(
                address: listen.description,
                problem: "'\(name)': \(String(cString: gai_strerror(status)))"
            )
        }
        defer { freeaddrinfo(list) }
        return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
            .compactMap { $0.flatMap(numericHost(of:)) }
            .map { ListenAddress(.ip($0, port: port)) }
    }

    /// What to bind. A Unix socket's path is freed first.
    static func socketAddress(_ listen: ListenAddress) throws -> any FlyingSocks.SocketAddress {
        if case .unix(let path) = listen.address {
            try removeStaleSocket(at: path, sockaddr_un.unix(path: path))
        }
        return try literal(listen)
    }

    /// The same to connect to. `listen` is no name.
    static func literal(_ listen: ListenAddress) throws -> any FlyingSocks.SocketAddress {
        switch listen.address {
        case .ip(let host, let port) where host.contains(":"):
            return try sockaddr_in6.inet6(ip6: host, port: port)
        case .ip(let host, let port):
            return try sockaddr_in.inet(ip4: host, port: port)
        case .unix(let path):
            return sockaddr_un.unix(path: path)
        case .name:
            preconditionFailure("a name was resolved before")
        }
    }

    /// What a socket is bound to.
    static func listenAddress(bound: Socket.Address) -> ListenAddress {
        switch bound {
        case .ip4(let host, let port), .ip6(let host, let port): ListenAddress(.ip(host, port: port))
        case .unix(let path): ListenAddress(.unix(path: path))
        }
    }

    /// A process that was killed leaves its socket's file behind. It is stale when nobody accepts on it; a file of any
    /// other kind is somebody's, and stays.
    private static func removeStaleSocket(at path: String, _ address: sockaddr_un) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw AdminServerError(address: path, problem: "the file exists and is no socket")
        }
        let probe = try Socket(domain: AF_UNIX)
        defer { try? probe.close() }
        do {
            try probe.connect(to: address)
        } catch SocketError.failed(_, ECONNREFUSED, _) {
            unlink(path)
            return
        }
        throw AdminServerError(address: path, problem: "another process listens on it")
    }

    private static func numericHost(of info: UnsafeMutablePointer<addrinfo>) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { host in
            let status = getnameinfo(
                info.pointee.ai_addr,
                info.pointee.ai_addrlen,
                host.baseAddress,
                socklen_t(host.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            return status == 0 ? host.baseAddress.map { String(cString: $0) } : nil
        }
    }
}
