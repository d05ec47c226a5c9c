import SluiceControl
import SluiceRandom

/// A deterministic simulation of TCP flows over shared links, event by event.
///
/// Events are those of bursts, not of segments: what a real sender gives to the network card at once. Times are seconds, sizes
/// bytes of payload, rates bytes per second. The same seed gives the same run, on every machine.
///
/// Build one with links, flows and pings, `run(until:)`, then ask what they got.
final class NetworkSimulation {
    let events = EventQueue()
    private(set) var now = 0.0
    private let seed: UInt64
    private(set) var links: [SimulatedLink] = []
    private(set) var connections: [SimulatedConnection] = []
    private(set) var relays: [SimulatedRelay] = []
    private(set) var pings: [SimulatedPing] = []
    /// One for each path to a peer, shared by the relays on it.
    var bottlenecks: [Bottleneck] = []
    private var actions: [() -> Void] = []
    /// The relay of each connection that one writes to, and of each that one reads from.
    private var writers: [Int: SimulatedRelay] = [:]
    private var readers: [Int: SimulatedRelay] = [:]
    private var recorder = Recorder()

    init(seed: UInt64) {
        self.seed = seed
        events.schedule(.record, of: 0, at: 0)
    }

    // MARK: Building

    func addLink(_ options: SimulatedLink.Options) -> SimulatedLink {
        let link = SimulatedLink(options, seed: seed &+ UInt64(links.count) &* 7919)
        links.append(link)
        return link
    }

    /// A path to one peer: what the controllers of its flows share.
    func addPath() -> Int {
        bottlenecks.append(Bottleneck())
        return bottlenecks.count - 1
    }

    /// A flow of the kernel alone.
    @discardableResult
    func addFlow(
        _ options: SimulatedConnection.Options = .init(),
        over link: SimulatedLink,
        from start: Double = 0
    ) -> SimulatedConnection {
        var options = options
        options.isBulk = true
        let connection = addConnection(options, over: link)
        at(start) { [unowned self] in
            connect(connection) { connection.refill(at: $0) }
        }
        return connection
    }

    /// A flow through Sluice: a source in Sluice's own host, and its sink over a link.
    @discardableResult
    func addRelay(
        _ options: SimulatedRelay.Options,
        supply: SimulatedSource = .bulk,
        to sink: SimulatedConnection.Options = .init(),
        over link: SimulatedLink,
        path: Int,
        from start: Double = 0
    ) -> SimulatedRelay {
        let connection = addConnection(sink, over: link)
        let relay = SimulatedRelay(
            options,
            index: relays.count,
            supply: supply,
            source: nil,
            sink: connection,
            sourcePath: path,
            sinkPath: path,
            network: self,
            seed: seed &+ UInt64(relays.count) &* 104_729
        )
        relays.append(relay)
        writers[connection.index] = relay
        at(start) { [unowned self] in
            connect(connection) { relay.start(at: $0) }
        }
        return relay
    }

    /// A flow through Sluice from another host: that one's kernel sends over `sourceLink`.
    @discardableResult
    func addRelay(
        _ options: SimulatedRelay.Options,
        from source: SimulatedConnection.Options,
        over sourceLink: SimulatedLink,
        sourcePath: Int,
        to sink: SimulatedConnection.Options,
        over sinkLink: SimulatedLink,
        sinkPath: Int,
        from start: Double = 0
    ) -> SimulatedRelay {
        var source = source
        source.readerRate = nil
        source.isBulk = true
        let upper = addConnection(source, over: sourceLink)
        let lower = addConnection(sink, over: sinkLink)
        let relay = SimulatedRelay(
            options,
            index: relays.count,
            supply: .silent,
            source: upper,
            sink: lower,
            sourcePath: sourcePath,
            sinkPath: sinkPath,
            network: self,
            seed: seed &+ UInt64(relays.count) &* 104_729
        )
        relays.append(relay)
        writers[lower.index] = relay
        readers[upper.index] = relay
        let age = AgeTracker()
        upper.age = age
        lower.age = age
        upper.isAgeWriter = true
        // The origin is asked when the client is there.
        at(start) { [unowned self] in
            connect(lower) { _ in
                self.connect(upper) { now in
                    relay.start(at: now)
                    upper.refill(at: now)
                }
            }
        }
        return relay
    }

    @discardableResult
    func addPing(over link: SimulatedLink, every interval: Double = 0.02) -> SimulatedPing {
        let ping = SimulatedPing(index: pings.count, link: link, interval: interval, network: self)
        pings.append(ping)
        events.schedule(.ping, of: ping.index, at: interval / 2)
        return ping
    }

    /// Does something at a time.
    func at(_ time: Double, _ action: @escaping () -> Void) {
        actions.append(action)
        events.schedule(.action, of: actions.count - 1, at: time)
    }

    private func addConnection(
        _ options: SimulatedConnection.Options,
        over link: SimulatedLink
    ) -> SimulatedConnection {
        let connection = SimulatedConnection(options, index: connections.count, link: link, network: self)
        connections.append(connection)
        return connection
    }

    private func connect(_ connection: SimulatedConnection, then action: @escaping (Double) -> Void) {
        let link = connection.link
        let onWire = link.roundTrip(at: now) + connection.extraRoundTrip + link.drawJitter()
        let delay = link.queueDelay(at: now) + onWire
        at(now + delay) { [unowned self] in
            connection.establish(delay: delay, at: now)
            action(now)
        }
    }

    // MARK: Running

    func run(until end: Double) {
        while events.earliest <= end {
            let event = events.next()
            now = event.time
            handle(event)
        }
        now = end
    }

    private func handle(_ event: EventQueue.Event) {
        switch event.kind {
        case .arrival: connections[event.target].arrive(at: now)
        case .acknowledgement: connections[event.target].acknowledge(at: now)
        case .windowUpdate: connections[event.target].openWindow(to: Int(event.value), at: now)
        case .pacing: connections[event.target].paceOn(at: now)
        case .probeTimeout: connections[event.target].probe(at: now)
        case .reading: connections[event.target].readSlowly(at: now)
        case .source: relays[event.target].noteSupply(at: now)
        case .turn: relays[event.target].turn(at: now)
        case .sample: relays[event.target].sample(at: now)
        case .ping: pings[event.target].send(first: event.value, at: now)
        case .record: record()
        case .action: actions[event.target]()
        }
    }

    /// A socket may be written to.
    func noteWritable(_ connection: SimulatedConnection, at now: Double) {
        if connection.isBulk { return connection.refill(at: now) }
        writers[connection.index]?.noteWritable(at: now)
    }

    /// A socket has something to read.
    func noteReadable(_ connection: SimulatedConnection, at now: Double) {
        readers[connection.index]?.scheduleTurn(at: now)
    }

    // MARK: Results

    private func record() {
        recorder.record(connections, links, at: now)
        events.schedule(.record, of: 0, at: now + Recorder.interval)
    }

    /// Bytes per second that reached a connection's reader between two times.
    func goodput(_ connection: SimulatedConnection, from start: Double, to end: Double) -> Double {
        recorder.goodput(connection.index, from: start, to: end)
    }

    /// The queueing delay of a link below which it was for a share of the time.
    func queueDelay(_ share: Double, from start: Double, to end: Double, link: Int = 0) -> Double {
        recorder.queueDelay(link, share, from: start, to: end)
    }
}

/// Looks at every connection and link at even times.
private struct Recorder {
    static let interval = 0.01

    private var received: [[Int]] = []
    private var delays: [[Double]] = []

    mutating func record(_ connections: [SimulatedConnection], _ links: [SimulatedLink], at time: Double) {
        received.append(connections.map(\.received))
        delays.append(links.map { $0.queueDelay(at: time) })
    }

    func goodput(_ index: Int, from start: Double, to end: Double) -> Double {
        let (first, last) = (row(start), row(end))
        return Double(received[last][index] - received[first][index]) / (Double(last - first) * Self.interval)
    }

    func queueDelay(_ link: Int, _ share: Double, from start: Double, to end: Double) -> Double {
        delays[row(start)...row(end)].map { $0[link] }.percentile(share)
    }

    private func row(_ time: Double) -> Int {
        min(max(Int((time / Self.interval).rounded()), 0), received.count - 1)
    }
}
