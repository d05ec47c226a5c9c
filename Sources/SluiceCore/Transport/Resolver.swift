import CLibuv
import Glibc

/// Resolves origin names off the loop (getaddrinfo on libuv's thread pool), and remembers the answers.
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
    private var questions: [Question] = []

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
        if known.isEmpty { entry.waiting.append(completion()) }
        let asks = !entry.isAsking && loop.now >= entry.staleAt
        if asks { entry.isAsking = true }
        entries[name] = entry
        if asks {
            ask(name)
        } else if known.isEmpty, !entry.isAsking {
            // The last question failed a moment ago: the same answer, without asking again.
            answer(name, [])
        }
        return known.isEmpty ? nil : known
    }

    /// Forgets who waits, and cancels what has not started: the loop ends soon.
    func close() {
        for question in questions { question.cancel() }
        questions.removeAll()
        entries.removeAll()
    }

    private func ask(_ name: Name) {
        let question = Question()
        questions.append(question)
        question.start(on: loop, host: name.host, port: name.port) {
            [unowned self, unowned question] addresses in
            questions.removeAll { $0 === question }
            answer(name, addresses)
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
}

/// One getaddrinfo under way.
///
/// Lifetime: libuv keeps the object from `start` until the callback, which always comes, cancelled or not.
private final class Question {
    private let request: UnsafeMutablePointer<uv_getaddrinfo_t>
    private var completion: Resolver.Completion?

    init() {
        request = .allocate(capacity: 1)
        request.initialize(to: uv_getaddrinfo_t())
    }

    deinit { request.deallocate() }

    func start(on loop: EventLoop, host: String, port: UInt16, completion: @escaping Resolver.Completion) {
        self.completion = completion
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // Both families, whatever addresses this host has: an address that cannot be reached fails at once.
        let status = uv_getaddrinfo(
            loop.uv,
            request,
            { request, status, list in
                Unmanaged<Question>.fromOpaque(request!.pointee.data).takeRetainedValue().finish(status, list)
            },
            host,
            String(port),
            &hints
        )
        guard status == 0 else {
            // The name is not even a name (too long, not encodable): libuv makes no callback.
            Unmanaged<Question>.fromOpaque(request.pointee.data).release()
            finish(status, nil)
            return
        }
    }

    func cancel() {
        completion = nil
        _ = UnsafeMutableRawPointer(request).withMemoryRebound(to: uv_req_t.self, capacity: 1) {
            uv_cancel($0)
        }
    }

    private func finish(_ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?) {
        defer { if let list { uv_freeaddrinfo(list) } }
        var addresses: [SocketAddress] = []
        var next = status == 0 ? list : nil
        while let info = next?.pointee {
            if let pointer = info.ai_addr,
                let address = SocketAddress(UnsafeRawPointer(pointer), length: info.ai_addrlen)
            {
                addresses.append(address)
            }
            next = info.ai_next
        }
        let completion = self.completion
        self.completion = nil
        completion?(addresses)
    }
}
