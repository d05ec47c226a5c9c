import CCares
import Glibc

/// Why a question has no answer.
struct DNSFailure: Error, Equatable, CustomStringConvertible {
    /// As c-ares numbers them.
    private let status: Int32

    fileprivate init(status: Int32) { self.status = status }

    /// Somebody answered, and the name has no records of the kind.
    static let noData = DNSFailure(status: ccares_no_data)
    /// c-ares could not be started.
    fileprivate static let noChannel = DNSFailure(status: ccares_not_initialized)

    /// In c-ares's words.
    var description: String { String(cString: ares_strerror(status)) }
}

/// Asks name servers, and /etc/hosts, by c-ares on an event loop: no thread waits for an answer.
///
/// It follows resolv.conf(5) and the order of nsswitch.conf(5) as far as c-ares does: files and DNS, no other source.
///
/// Owns the channel and its sockets until `close`. Completions are called on the loop, and never from within c-ares, so that
/// they may ask again, and close. Thread: its loop's.
final class DNSChannel {
    /// Addresses, at least one, and the least time to live among their records in seconds.
    typealias AddressAnswer = (addresses: [SocketAddress], timeToLive: UInt32)

    struct ServiceRecord: Equatable {
        let priority: UInt16
        let weight: UInt16
        let host: String
        let port: UInt16
    }

    /// How long one name server has to answer, before the next is asked. Three rounds, each twice as patient.
    private static let defaultTimeoutMilliseconds: Int32 = 1500
    private static let tries: Int32 = 3
    private static let configurationPath = "/etc/resolv.conf"

    private let loop: EventLoop
    /// `HOST:PORT,…` in place of resolv.conf's.
    private let servers: String?
    private let timeoutMilliseconds: Int32
    /// `nil` where c-ares could not be started: every question fails, and the next one tries again.
    private var channel: ares_channel?
    private var configurationChanged = timespec()
    private var sockets: [Int32: DNSSocket] = [:]
    /// While a question is under way: c-ares has no clock of its own.
    private var timer: RepeatingTimer?
    private var questions = 0
    private var answers: [() -> Void] = []
    private var isClosed = false

    init(loop: EventLoop, servers: String? = nil, timeoutMilliseconds: Int32? = nil) {
        self.loop = loop
        self.servers = servers
        self.timeoutMilliseconds = timeoutMilliseconds ?? Self.defaultTimeoutMilliseconds
        _ = Self.libraryStatus
    }

    deinit { assert(channel == nil, "a channel went without its close") }

    /// Once in the process, before any channel.
    private static let libraryStatus = ares_library_init(ARES_LIB_INIT_ALL)

    /// Both families, whatever addresses this host has: an address that cannot be reached fails at once.
    func lookUp(
        host: String,
        port: UInt16,
        completion: @escaping (Result<AddressAnswer, DNSFailure>) -> Void
    ) {
        guard let channel = readyChannel() else { return later { completion(.failure(.noChannel)) } }
        var hints = ares_addrinfo_hints()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = SocketOptions.stream
        hints.ai_flags = ARES_AI_NUMERICSERV
        let question = Question { [unowned self] question in
            finished { completion(question.addresses) }
        }
        questions += 1
        ares_getaddrinfo(
            channel,
            host,
            String(port),
            &hints,
            { context, status, _, list in
                let question = Unmanaged<Question>.fromOpaque(context!).takeRetainedValue()
                defer { if let list { ares_freeaddrinfo(list) } }
                question.addresses = DNSChannel.result(status, list.flatMap(DNSChannel.addresses))
                if status != ccares_destruction { question.end(question) }
            },
            Unmanaged.passRetained(question).toOpaque()
        )
        settle()
    }

    /// The SRV records of a name (RFC 2782), at least one.
    func lookUp(
        service: String,
        completion: @escaping (Result<[ServiceRecord], DNSFailure>) -> Void
    ) {
        guard let channel = readyChannel() else { return later { completion(.failure(.noChannel)) } }
        let question = Question { [unowned self] question in
            finished { completion(question.records) }
        }
        questions += 1
        // Class IN, type SRV: RFC 1035 and RFC 2782.
        ares_query(
            channel,
            service,
            1,
            33,
            { context, status, _, reply, length in
                let question = Unmanaged<Question>.fromOpaque(context!).takeRetainedValue()
                question.records = DNSChannel.result(status, DNSChannel.records(in: reply, length: length))
                if status != ccares_destruction { question.end(question) }
            },
            Unmanaged.passRetained(question).toOpaque()
        )
        settle()
    }

    /// Gives up what is under way, without a word.
    func close() {
        isClosed = true
        answers.removeAll()
        destroyChannel()
        timer?.close()
        timer = nil
    }

    // MARK: The channel

    /// A question until its answer. c-ares holds it meanwhile.
    private final class Question {
        var addresses: Result<AddressAnswer, DNSFailure> = .failure(.noData)
        var records: Result<[ServiceRecord], DNSFailure> = .failure(.noData)
        let end: (Question) -> Void
        init(end: @escaping (Question) -> Void) { self.end = end }
    }

    /// The channel; a new one, if resolv.conf has changed and nobody waits on the old one.
    private func readyChannel() -> ares_channel? {
        guard !isClosed else { return nil }
        var status = stat()
        if stat(Self.configurationPath, &status) == 0, questions == 0,
            status.st_mtim.tv_sec != configurationChanged.tv_sec
                || status.st_mtim.tv_nsec != configurationChanged.tv_nsec
        {
            configurationChanged = status.st_mtim
            destroyChannel()
        }
        if channel == nil { channel = makeChannel() }
        return channel
    }

    private func makeChannel() -> ares_channel? {
        var options = ares_options()
        options.timeout = timeoutMilliseconds
        options.tries = Self.tries
        options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        options.sock_state_cb = { context, descriptor, reads, writes in
            Unmanaged<DNSChannel>.fromOpaque(context!).takeUnretainedValue()
                .watch(descriptor, reads: reads != 0, writes: writes != 0)
        }
        var made: ares_channel?
        let mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB
        guard ares_init_options(&made, &options, mask) == ccares_success, let made else { return nil }
        if let servers { ares_set_servers_ports_csv(made, servers) }
        return made
    }

    private func destroyChannel() {
        guard let channel else { return }
        self.channel = nil
        ares_destroy(channel)
        questions = 0
    }

    /// c-ares wants a socket watched, or, with neither, no longer: it closes it next.
    private func watch(_ descriptor: Int32, reads: Bool, writes: Bool) {
        guard reads || writes else {
            sockets.removeValue(forKey: descriptor)?.stopWatching()
            return
        }
        // Without a handle, the question is given up when its time is over.
        guard
            let socket = sockets[descriptor]
                ?? (try? DNSSocket(loop: loop, descriptor: descriptor, channel: self))
        else { return }
        sockets[descriptor] = socket
        socket.setInterest(reads ? (writes ? [.readable, .writable] : .readable) : .writable)
    }

    fileprivate func ready(_ descriptor: Int32, _ events: PollEvents) {
        // A failed socket is read, so that c-ares finds the error.
        let reads = !events.isDisjoint(with: [.readable, .failed])
        process(read: reads ? descriptor : -1, write: events.contains(.writable) ? descriptor : -1)
    }

    /// -1 is c-ares's ARES_SOCKET_BAD: with two of them it looks at its timeouts.
    private func process(read: Int32, write: Int32) {
        guard let channel else { return }
        ares_process_fd(channel, read, write)
        settle()
    }

    // MARK: Answers

    /// Called within c-ares.
    private func finished(_ answer: @escaping () -> Void) {
        questions -= 1
        answers.append(answer)
    }

    /// Outside of c-ares again: tells who asked, and keeps the clock running while somebody waits.
    private func settle() {
        while !isClosed, !answers.isEmpty { answers.removeFirst()() }
        if questions == 0 {
            timer?.close()
            timer = nil
        } else if timer == nil, !isClosed {
            timer = RepeatingTimer(loop: loop, everyMilliseconds: DeadlineWheel.tickMilliseconds) {
                [unowned self] in process(read: -1, write: -1)
            }
        }
    }

    private func later(_ answer: @escaping () -> Void) {
        answers.append(answer)
        settle()
    }

    private static func result<Answer>(
        _ status: Int32,
        _ answer: @autoclosure () -> Answer?
    ) -> Result<Answer, DNSFailure> {
        guard status == ccares_success else { return .failure(DNSFailure(status: status)) }
        return answer().map { .success($0) } ?? .failure(.noData)
    }

    /// `nil`: there are none.
    private static func addresses(in list: UnsafeMutablePointer<ares_addrinfo>) -> AddressAnswer? {
        var addresses: [SocketAddress] = []
        var timeToLive = UInt32.max
        var next = list.pointee.nodes
        while let node = next?.pointee {
            if let pointer = node.ai_addr,
                let address = SocketAddress(UnsafeRawPointer(pointer), length: node.ai_addrlen),
                !addresses.contains(address)
            {
                addresses.append(address)
                timeToLive = min(timeToLive, UInt32(clamping: node.ai_ttl))
            }
            next = node.ai_next
        }
        var alias = list.pointee.cnames
        while let record = alias?.pointee {
            timeToLive = min(timeToLive, UInt32(clamping: record.ttl))
            alias = record.next
        }
        return addresses.isEmpty ? nil : (addresses, timeToLive)
    }

    /// `nil`: there are none.
    private static func records(in reply: UnsafeMutablePointer<UInt8>?, length: Int32) -> [ServiceRecord]? {
        var list: UnsafeMutablePointer<ares_srv_reply>?
        guard ares_parse_srv_reply(reply, length, &list) == ccares_success else { return nil }
        defer { ares_free_data(list) }
        var records: [ServiceRecord] = []
        var next = list
        while let record = next?.pointee {
            // A target of "." says that there is no such service (RFC 2782).
            let host = String(cString: record.host)
            if !host.isEmpty, host != ".", record.port != 0 {
                records.append(
                    ServiceRecord(
                        priority: record.priority,
                        weight: record.weight,
                        host: host,
                        port: record.port
                    )
                )
            }
            next = record.next
        }
        return records.isEmpty ? nil : records
    }
}

/// A socket of c-ares, which opens and closes it.
private final class DNSSocket: PollHandle {
    private let descriptor: Int32
    private unowned let channel: DNSChannel

    init(loop: EventLoop, descriptor: Int32, channel: DNSChannel) throws(SystemError) {
        self.descriptor = descriptor
        self.channel = channel
        try super.init(loop: loop, descriptor: descriptor)
    }

    override func ready(_ events: PollEvents) { channel.ready(descriptor, events) }
}
