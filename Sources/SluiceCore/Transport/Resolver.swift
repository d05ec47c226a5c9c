import Glibc

/// Resolves origin names off the loop, and remembers the answers.
///
/// One getaddrinfo a name at a time, on a thread of its own. Not on libuv's pool: that lets two look-ups run at once in the
/// whole process, so that one dead name server would hold up every route, and a loop cannot end before them.
///
/// An answer is used for `refresh`, then still used while a new one is asked for; and kept when asking fails. So a name
/// server that is down costs nothing to an origin that was ever found.
///
/// Thread: its loop's.
final class Resolver {
    /// Addresses in the order to try them, or none: the name does not resolve, and never did.
    typealias Completion = ([SocketAddress]) -> Void

    private struct Name: Hashable {
        let host: String
        let port: UInt16
    }

    private struct Entry {
        var addresses: [SocketAddress] = []
        /// Loop time from which the addresses are asked for again.
        var staleAt: UInt64 = 0
        var isAsking = false
        var waiting: [Completion] = []
    }

    /// After a failure, the next question waits this long at most.
    private static let retryMilliseconds: UInt64 = 1000

    private let loop: EventLoop
    private let refreshMilliseconds: UInt64
    private var entries: [Name: Entry] = [:]

    init(loop: EventLoop, refresh: Duration) {
        self.loop = loop
        self.refreshMilliseconds = refresh.milliseconds
    }

    /// The addresses of `host`, at once if they are known, and with a question under way if they are stale. Otherwise `nil`,
    /// and `completion` is called later, once.
    func addresses(
        of host: String,
        port: UInt16,
        otherwise completion: @autoclosure () -> Completion
    ) -> [SocketAddress]? {
        let name = Name(host: host, port: port)
        var entry = entries[name] ?? Entry()
        let known = entry.addresses
        let asks = !entry.isAsking && loop.now >= entry.staleAt
        if known.isEmpty {
            guard asks || entry.isAsking else {
                // The last question failed a moment ago: the same answer, without asking again.
                completion()([])
                return nil
            }
            entry.waiting.append(completion())
        }
        if asks { entry.isAsking = true }
        entries[name] = entry
        if asks { ask(name) }
        return known.isEmpty ? nil : known
    }

    /// Forgets who waits: the loop ends soon.
    func close() {
        entries.removeAll()
    }

    private func ask(_ name: Name) {
        let reply = Reply(resolver: self, mailbox: loop.mailbox)
        LoopThread.start(name: "sluice-resolve") {
            let addresses = Self.lookUp(host: name.host, port: name.port)
            reply.send { $0.answer(name, addresses) }
        }
    }

    private func answer(_ name: Name, _ addresses: [SocketAddress]) {
        guard var entry = entries[name] else { return }
        let waiting = entry.waiting
        entry.isAsking = false
        entry.waiting = []
        if addresses.isEmpty {
            entry.staleAt = max(entry.staleAt, loop.now + min(Self.retryMilliseconds, refreshMilliseconds))
        } else {
            entry.addresses = addresses
            entry.staleAt = loop.now + refreshMilliseconds
        }
        entries[name] = entry
        for completion in waiting { completion(entry.addresses) }
    }

    /// Both families, whatever addresses this host has: an address that cannot be reached fails at once.
    private static func lookUp(host: String, port: UInt16) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next?.pointee {
            if let pointer = info.ai_addr,
                let address = SocketAddress(UnsafeRawPointer(pointer), length: info.ai_addrlen)
            {
                addresses.append(address)
            }
            next = info.ai_next
        }
        return addresses
    }
}

/// Brings an answer from a look-up's thread to its resolver's loop. Dropped when the loop has ended.
private final class Reply: @unchecked Sendable {
    /// Touched only in letters, which run on the resolver's thread.
    private let resolver: Resolver
    private let mailbox: Mailbox

    init(resolver: Resolver, mailbox: Mailbox) {
        self.resolver = resolver
        self.mailbox = mailbox
    }

    func send(_ letter: @escaping @Sendable (Resolver) -> Void) {
        mailbox.submit { [self] in letter(resolver) }
    }
}
