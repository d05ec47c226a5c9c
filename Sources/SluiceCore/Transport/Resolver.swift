/// Resolves origin names on the loop, and remembers the answers, as `NameRecord` has it.
///
/// One question a name at a time, whoever waits for it. Thread: its loop's.
final class Resolver {
    /// Addresses in the order to try them, or none: the name does not resolve, and never did.
    typealias Completion = ([SocketAddress]) -> Void

    /// What is asked for.
    enum Name: Hashable, Sendable {
        /// A and AAAA records.
        case host(String, port: UInt16)
        /// SRV records (RFC 2782), and the A and AAAA records of their hosts.
        case service(String)
    }

    private struct Entry {
        var record: NameRecord<ResolvedTargets>
        var waiting: [Completion] = []
        /// Connections that were given the addresses: whose turn it is.
        var turn = 0
    }

    /// Of an SRV answer, more hosts than this are not looked at.
    private static let mostHosts = 64

    private let loop: EventLoop
    private let lifetimes: NameRecord<ResolvedTargets>.Lifetimes
    private let channel: DNSChannel
    private var entries: [Name: Entry] = [:]
    private var random = SystemRandomNumberGenerator()
    /// Called with what a name stood for until now and does not any more.
    var onRemoved: ((Name, Set<SocketAddress>) -> Void)?
    /// Called for each question that failed, of a service also for one of its hosts, with the number of addresses that the
    /// name had, which stay.
    var onFailed: ((Name, DNSFailure, _ kept: Int) -> Void)?

    /// - Parameters:
    ///   - refresh: the longest that an answer is used before it is asked for again.
    ///   - servers: `HOST:PORT,…` in place of those of resolv.conf(5).
    ///   - timeoutMilliseconds: how long a name server has to answer the first time that it is asked.
    init(loop: EventLoop, refresh: Duration, servers: String? = nil, timeoutMilliseconds: Int32? = nil) {
        self.loop = loop
        lifetimes = .init(longest: refresh.milliseconds)
        channel = DNSChannel(loop: loop, servers: servers, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// The addresses of `name`, at once if they are known, and with a question under way if they are stale. Otherwise `nil`,
    /// and `completion` is called once, within this call or later.
    func addresses(of name: Name, otherwise completion: @autoclosure () -> Completion) -> [SocketAddress]? {
        var entry = entries[name] ?? Entry(record: NameRecord(lifetimes: lifetimes))
        let asks = entry.record.shouldAsk(at: loop.now)
        if entry.record.answer == nil {
            guard entry.record.isAsking else {
                // The last question failed a moment ago: the same answer, without asking again.
                completion()([])
                return nil
            }
            entry.waiting.append(completion())
        }
        entry.turn &+= 1
        entries[name] = entry
        let known = entry.record.answer?.order(turn: entry.turn, using: &random)
        if asks { ask(name) }
        return known
    }

    /// Asks for `name` where its answer is stale, and nobody waits for the new one.
    func refresh(_ name: Name) {
        var entry = entries[name] ?? Entry(record: NameRecord(lifetimes: lifetimes))
        let asks = entry.record.shouldAsk(at: loop.now)
        entries[name] = entry
        if asks { ask(name) }
    }

    /// Forgets who waits: the loop ends soon.
    func close() {
        entries.removeAll()
        channel.close()
    }

    // MARK: Asking

    private func ask(_ name: Name) {
        switch name {
        case .host(let host, let port):
            channel.lookUp(host: host, port: port) { [weak self] answer in
                switch answer {
                case .success(let found):
                    let targets = ResolvedTargets(hosts: [.init(addresses: found.addresses)])
                    self?.answered(name, targets, timeToLive: found.timeToLive)
                case .failure(let failure): self?.failed(name, failure)
                }
            }
        case .service(let service):
            channel.lookUp(service: service) { [weak self] answer in
                switch answer {
                case .success(let records):
                    self?.lookUpHosts(of: name, Array(records.prefix(Self.mostHosts)))
                case .failure(let failure): self?.failed(name, failure)
                }
            }
        }
    }

    /// c-ares 1.18 does not tell the SRV records' own time to live, so that of their hosts' addresses counts.
    private func lookUpHosts(of name: Name, _ records: [DNSChannel.ServiceRecord]) {
        var hosts: [ResolvedTargets.Host] = []
        var (timeToLive, left) = (UInt32.max, records.count)
        var failure: DNSFailure?
        for record in records {
            channel.lookUp(host: record.host, port: record.port) { [weak self] answer in
                guard let self else { return }
                left -= 1
                let found = try? answer.get()
                if case .failure(let reason) = answer { failure = reason }
                // A host that cannot be resolved now keeps the addresses that it had.
                if let addresses = found?.addresses ?? earlierAddresses(of: record, in: name) {
                    hosts.append(ResolvedTargets.Host(record, addresses: addresses))
                }
                timeToLive = min(timeToLive, found?.timeToLive ?? 0)
                guard left == 0 else { return }
                if hosts.isEmpty { return failed(name, failure ?? .noData) }
                if let failure { tell(failure, of: name) }
                answered(name, ResolvedTargets(hosts: hosts), timeToLive: timeToLive)
            }
        }
    }

    private func earlierAddresses(of record: DNSChannel.ServiceRecord, in name: Name) -> [SocketAddress]? {
        entries[name]?.record.answer?.hosts.first { $0.name == record.host && $0.port == record.port }?
            .addresses
    }

    private func answered(_ name: Name, _ targets: ResolvedTargets, timeToLive: UInt32) {
        guard var entry = entries[name] else { return }
        let removed = entry.record.answer?.addresses.subtracting(targets.addresses) ?? []
        entry.record.answered(targets, timeToLive: timeToLive, at: loop.now)
        tellWaiting(name, entry)
        if !removed.isEmpty { onRemoved?(name, removed) }
    }

    private func failed(_ name: Name, _ failure: DNSFailure) {
        tell(failure, of: name)
        guard var entry = entries[name] else { return }
        entry.record.failed(at: loop.now)
        tellWaiting(name, entry)
    }

    private func tell(_ failure: DNSFailure, of name: Name) {
        guard let entry = entries[name] else { return }
        onFailed?(name, failure, entry.record.answer?.addresses.count ?? 0)
    }

    private func tellWaiting(_ name: Name, _ entry: Entry) {
        let waiting = entry.waiting
        var entry = entry
        entry.waiting = []
        entries[name] = entry
        for (index, completion) in waiting.enumerated() {
            completion(entry.record.answer?.order(turn: entry.turn &+ index, using: &random) ?? [])
        }
    }
}

extension ResolvedTargets.Host {
    fileprivate init(_ record: DNSChannel.ServiceRecord, addresses: [SocketAddress]) {
        self.init(
            name: record.host,
            port: record.port,
            priority: record.priority,
            weight: record.weight,
            addresses: addresses
        )
    }
}
