import CSluiceLinux
import Glibc
import SluiceCore

/// Where a bench server is: the name as it was given, and its addresses.
struct BenchTarget: Sendable {
    let text: String
    let addresses: [SocketAddress]

    /// Resolves `address`. Throws `BenchError`.
    init(_ address: Address) throws(BenchError) {
        text = address.description
        let host: String
        switch address {
        case .ip(let literal, _): host = literal
        case .name(let name, _): host = name
        case .unix: throw .unusableAddress(text, reason: "the bench speaks TCP")
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(address.port ?? 0), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            throw .unusableAddress(text, reason: String(cString: gai_strerror(status)))
        }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let pointer = entry.ai_addr,
                let address = SocketAddress(UnsafeRawPointer(pointer), length: entry.ai_addrlen)
            {
                found.append(address)
            }
            next = entry.ai_next
        }
        addresses = found
    }
}

extension BenchSocket {
    /// Connects to the first address of `target` that accepts, within `seconds` for each of them.
    static func connect(to target: BenchTarget, within seconds: Double) throws(BenchError) -> BenchSocket {
        var last = BenchError.unusableAddress(target.text, reason: "it has no address")
        for address in target.addresses {
            do throws(SystemError) {
                return try connect(to: address, until: BenchClock.now + BenchClock.nanoseconds(seconds))
            } catch {
                last = BenchError(connecting: target.text, error, seconds: seconds)
            }
        }
        throw last
    }

    private static func connect(to address: SocketAddress, until deadline: UInt64) throws(SystemError)
        -> BenchSocket
    {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        do {
            try finishConnect(descriptor, to: address, until: deadline)
        } catch {
            close(descriptor)
            throw error
        }
        return BenchSocket(takingOver: descriptor)
    }

    private static func finishConnect(
        _ descriptor: Int32,
        to address: SocketAddress,
        until deadline: UInt64
    ) throws(SystemError) {
        let status = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        if status == 0 { return }
        guard errno == EINPROGRESS else { throw .last("connect", on: address.description) }
        var entry = pollfd(descriptor: descriptor, events: Int16(POLLOUT))
        var ready: Int32
        repeat {
            let now = BenchClock.now
            let left = now < deadline ? (deadline - now) / 1_000_000 + 1 : 0
            ready = poll(&entry, 1, Int32(clamping: left))
        } while ready < 0 && errno == EINTR
        guard ready > 0 else {
            throw SystemError(code: ETIMEDOUT, call: "connect", subject: address.description)
        }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else { throw SystemError(code: code, call: "connect", subject: address.description) }
    }
}

extension pollfd {
    init(descriptor: Int32, events: Int16) { self.init(fd: descriptor, events: events, revents: 0) }
}
