// Listening sockets, made before the loops start, so that a wrong address is an error of the start and not of a thread.

import Glibc

/// A bound and listening socket that no loop watches yet. Owns its descriptor until a `Listener` takes it over.
struct ListenSocket: Sendable {
    let descriptor: Int32
    /// What it is bound to: with its real port when port 0 was asked for.
    let address: SocketAddress

    /// As many pending connections as the system allows: the kernel caps it at net.core.somaxconn.
    private static let backlog = Int32.max

    /// Makes `count` listening sockets for one address, one a worker: with `SO_REUSEPORT` (Linux 3.9), the kernel spreads
    /// new connections over them. A Unix socket has no such option, so there the workers share one queue.
    ///
    /// One that is `steered` takes the connections to other hosts that nftables' `tproxy` hands it.
    static func open(
        _ address: ListenAddress,
        count: Int,
        steered: Bool = false
    ) throws(SystemError) -> [ListenSocket] {
        switch address.address {
        case .unix(let path):
            return try share(bindUnix(path: path, address.permissions), count: count)
        case .ip(let host, let port):
            guard let literal = SocketAddress(literal: host, port: port) else {
                throw SystemError(code: EINVAL, call: "bind", subject: address.description)
            }
            do {
                return try bindTCP(literal, count: count, steered: steered)
            } catch {
                // `:5432` means every interface; on a host without IPv6 those are the IPv4 ones.
                guard error.code == EAFNOSUPPORT, host == "::" else { throw error }
                return try bindTCP(.ipv4(INADDR_ANY, port: port), count: count, steered: steered)
            }
        case .name(let name, let port):
            return try bindTCP(resolve(name, port: port), count: count, steered: steered)
        }
    }

    /// Shares sockets that somebody else has bound among `count` workers: each has one at least.
    static func share(_ sockets: [ListenSocket], count: Int) throws(SystemError) -> [ListenSocket] {
        guard let first = sockets.first, sockets.count < count else { return sockets }
        return try share(first, count: count - sockets.count + 1) + sockets.dropFirst()
    }

    /// Takes over a descriptor that this process was started with. `nil`, and the descriptor is left alone, when it is no
    /// listening stream socket.
    init?(inherited descriptor: Int32) {
        var type: Int32 = 0
        var listens: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0,
            type == Int32(SOCK_STREAM.rawValue),
            getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0, listens != 0,
            let address = SocketAddress.local(of: descriptor)
        else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        if address.isTCP {
            _ = SocketOptions.setRelayOptionsOrWarn(descriptor) + SocketOptions.setKeepaliveOrWarn(descriptor)
        }
        self.init(descriptor: descriptor, address: address)
    }

    init(descriptor: Int32, address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
    }

    private static func bindTCP(
        _ wanted: SocketAddress,
        count: Int,
        steered: Bool
    ) throws(SystemError) -> [ListenSocket] {
        var sockets: [ListenSocket] = []
        do {
            for _ in 0..<count {
                // The first bind chooses the port when it is 0; the others follow it.
                sockets.append(try bindOne(sockets.first?.address ?? wanted, steered: steered))
            }
        } catch {
            for socket in sockets { close(socket.descriptor) }
            throw error
        }
        return sockets
    }

    private static func bindOne(_ address: SocketAddress, steered: Bool) throws(SystemError) -> ListenSocket {
        let descriptor = try makeSocket(address)
        do {
            setFlag(descriptor, SO_REUSEADDR)
            setFlag(descriptor, SO_REUSEPORT)
            if case .ipv6(0, 0, _, _) = address { acceptIPv4Too(descriptor) }
            if steered {
                try TransparentSocket.allowForeignAddresses(descriptor, family: address.family)
            }
            _ = SocketOptions.setRelayOptionsOrWarn(descriptor) + SocketOptions.setKeepaliveOrWarn(descriptor)
            try bind(descriptor, to: address)
            return try listen(descriptor, address)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func bindUnix(
        path: String,
        _ permissions: SocketPermissions
    ) throws(SystemError) -> ListenSocket {
        let address = SocketAddress.unix(path)
        try removeStaleSocket(address, path: path)
        let descriptor = try makeSocket(address)
        do {
            try bind(descriptor, to: address)
            // Before listen() nobody can connect: not one who may not, while the file is still as the umask made it.
            try permissions.apply(to: path)
            return try listen(descriptor, address)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Removes a socket file that nobody listens on (of a process that was killed). Anything else is left alone, and
    /// bind() then says that the address is in use.
    private static func removeStaleSocket(_ address: SocketAddress, path: String) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        let probe = try makeSocket(address)
        defer { close(probe) }
        let answer = address.withSockaddr { connect(probe, $0, $1) }
        if answer != 0, errno == ECONNREFUSED { unlink(path) }
    }

    private static func makeSocket(_ address: SocketAddress) throws(SystemError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .last("socket", on: address.description) }
        return descriptor
    }

    private static func bind(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        guard address.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw .last("bind", on: address.description)
        }
    }

    private static func listen(_ descriptor: Int32, _ address: SocketAddress) throws(SystemError)
        -> ListenSocket
    {
        guard Glibc.listen(descriptor, backlog) == 0 else { throw .last("listen", on: address.description) }
        return ListenSocket(descriptor: descriptor, address: .local(of: descriptor) ?? address)
    }

    private static func share(_ socket: ListenSocket, count: Int) throws(SystemError) -> [ListenSocket] {
        var sockets = [socket]
        while sockets.count < count {
            let copy = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else {
                let error = SystemError.last("dup", on: socket.address.description)
                for socket in sockets { close(socket.descriptor) }
                throw error
            }
            sockets.append(ListenSocket(descriptor: copy, address: socket.address))
        }
        return sockets
    }

    private static func setFlag(_ descriptor: Int32, _ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// `[::]` means every interface of both families, whatever net.ipv6.bindv6only says.
    private static func acceptIPv4Too(_ descriptor: Int32) {
        var off: Int32 = 0
        setsockopt(
            descriptor,
            Int32(IPPROTO_IPV6),
            IPV6_V6ONLY,
            &off,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    /// A name to listen on is resolved once, at the start.
    static func resolve(_ name: String, port: UInt16) throws(SystemError) -> SocketAddress {
        var list: UnsafeMutablePointer<addrinfo>?
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let status = getaddrinfo(name, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0, let first = list?.pointee, let pointer = first.ai_addr,
            let address = SocketAddress(UnsafeRawPointer(pointer), length: first.ai_addrlen)
        else { throw SystemError(code: EADDRNOTAVAIL, call: "getaddrinfo", subject: name) }
        return address
    }
}
