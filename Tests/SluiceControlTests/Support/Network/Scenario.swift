import SluiceControl
import SluiceRandom

/// One run of a random case: the same for the policy under test and for the kernel alone.
struct Scenario {
    /// What is drawn at random, and what happens in it.
    enum Case: String, CaseIterable {
        /// A queue of one to twenty BDP before the client, a bulk download, and a ping beside it.
        case bloatedDownload = "bloated-download"
        /// The same before Sluice, and an upload.
        case bloatedUpload = "bloated-upload"
        /// 300 Mbit/s to 1 Gbit/s, 60 to 200 ms.
        case longFat = "long-fat"
        /// 0.1 to 2 % loss at 40 to 150 ms.
        case loss
        /// The client reads a tenth to a hundredth of what its path carries; the origin is another host.
        case slowReader = "slow-reader"
        /// The same reader, and after a while it takes everything.
        case readerSpeedsUp = "reader-speeds-up"
        /// The path to the client carries a tenth of what the origin sends.
        case slowClient = "slow-client"
        /// The rate doubles, or halves, in mid-flow.
        case rateChange = "rate-change"
        /// The round-trip time grows or shrinks by 50 ms in mid-flow.
        case routeChange = "route-change"
        /// A plain CUBIC flow in the same queue.
        case competition
        /// Two flows to one peer, the second later.
        case twoFlows = "two-flows"
        /// Eight flows to one peer, half of them later.
        case eightFlows = "eight-flows"
        /// Anything: all paths, either direction, either congestion control.
        case any
        /// A rate that wanders like a radio link's.
        case radio
        /// The same on the move, with outages.
        case mobile
        /// A path that turns into another one.
        case anyState = "any-state"
    }

    let name: Case
    let seed: UInt64
    let policy: Policy
    let network: NetworkSimulation
    private(set) var path: RandomPath
    private(set) var relays: [SimulatedRelay] = []
    private(set) var competitor: SimulatedConnection?
    private(set) var ping: SimulatedPing!
    /// When the path, or the reader, changes.
    private(set) var change = 0.0
    /// What is measured lies between these times.
    private(set) var start = 0.0
    private(set) var end = 0.0
    private(set) var notes = ""
    private(set) var hostControl = CongestionControl.cubic
    private var random: SplitMix64
    private let keepsSamples: Bool

    /// - Parameter keepsSamples: for `Timeline`.
    init(_ name: Case, seed: UInt64, policy: Policy, keepsSamples: Bool = false) {
        self.name = name
        self.seed = seed
        self.policy = policy
        self.keepsSamples = keepsSamples
        random = RandomPath.generator(
            seed &* 31 &+ UInt64(name.rawValue.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
        )
        network = NetworkSimulation(seed: seed)
        path = RandomPath(rate: 1, roundTrip: 1, queue: 1)
        build()
    }

    /// Runs to the end of what is measured.
    func run() {
        network.run(until: start)
        for relay in relays { relay.forgetMemory() }
        network.run(until: end)
    }

    var description: String { "\(name.rawValue) \(seed): \(path) \(hostControl.name) \(notes)" }

    // MARK: Results

    /// Bytes per second of all relays together.
    func goodput(from: Double? = nil, to: Double? = nil) -> Double {
        shares(from: from, to: to).reduce(0, +)
    }

    func shares(from: Double? = nil, to: Double? = nil) -> [Double] {
        relays.map { network.goodput($0.sink, from: from ?? start, to: to ?? end) }
    }

    func latency(_ share: Double, from: Double? = nil, to: Double? = nil) -> Double {
        ping.percentile(share, from: from ?? start, to: to ?? end)
    }

    func age(_ share: Double) -> Double {
        relays[0].sink.age!.samples.filter { $0.time >= start && $0.time < end }.map(\.age).percentile(share)
    }

    /// The most that the relays held in user space and kernel while it was measured.
    var steadyMemory: Int { relays.map(\.peakMemory).reduce(0, +) }

    /// What a small flow may see at most: 1.3 x the unloaded round-trip time, with its jitter, and 5 ms, and four segments that
    /// were there first.
    func latencyBound(roundTrip: Double? = nil, rate: Double? = nil) -> Double {
        let serialization = 4 * Double(SimulatedLink.segment) / (rate ?? path.rate)
        return 1.3 * ((roundTrip ?? path.roundTrip) + path.jitter) + 0.005 + serialization
    }

    // MARK: Building

    private mutating func build() {
        switch name {
        case .bloatedDownload: buildBulk(isUpload: false)
        case .bloatedUpload: buildBulk(isUpload: true)
        case .longFat: buildLongFat()
        case .loss: buildLoss()
        case .slowReader: buildReader(speedsUp: false)
        case .readerSpeedsUp: buildReader(speedsUp: true)
        case .slowClient: buildSlowClient()
        case .rateChange, .routeChange: buildChange()
        case .competition: buildCompetition()
        case .twoFlows: buildFlows(2)
        case .eightFlows: buildFlows(8)
        case .any: buildAny()
        case .radio: buildRadio()
        case .mobile: buildMobile()
        case .anyState: buildAnyState()
        }
    }

    private mutating func measure(warm: Double, for seconds: Double) {
        start = warm + 20 * path.roundTrip
        end = start + seconds
    }

    private mutating func buildBulk(isUpload: Bool) {
        path = RandomPath(&random, fastest: 37.5e6, queues: 1...20, loses: false)
        add(over: network.addLink(path.options), isUpload: isUpload)
        measure(warm: 5, for: 8)
    }

    private mutating func buildLongFat() {
        path = RandomPath(
            rate: random.logarithmic(37.5e6, 125e6),
            roundTrip: random.logarithmic(0.06, 0.2),
            queue: random.logarithmic(0.5, 2)
        )
        add(over: network.addLink(path.options), isUpload: false)
        measure(warm: 8, for: 4)
    }

    private mutating func buildLoss() {
        path = RandomPath(
            rate: random.logarithmic(1.25e6, 25e6),
            roundTrip: random.logarithmic(0.04, 0.15),
            queue: random.logarithmic(0.5, 5),
            lossChance: random.logarithmic(0.001, 0.02)
        )
        add(over: network.addLink(path.options), isUpload: false)
        measure(warm: 6, for: 10)
    }

    private mutating func buildReader(speedsUp: Bool) {
        path = RandomPath(
            rate: random.logarithmic(1.25e6, 12.5e6),
            roundTrip: random.logarithmic(0.01, 0.1),
            queue: random.logarithmic(0.5, 5)
        )
        let readerRate = path.rate / random.logarithmic(10, 100)
        notes = "reader \(Int(readerRate)) B/s"
        var sink = SimulatedConnection.Options()
        sink.readerRate = readerRate
        sink.mostReceiveWindow = 6 << 20
        let relay = addChain(to: sink, over: network.addLink(path.options))
        // What the kernels took in before anybody knew has to drain first.
        change = 10 + 3e6 / readerRate
        guard speedsUp else {
            start = change
            end = start + 10
            return
        }
        change = 10
        network.at(change) { relay.sink.readerRate = .infinity }
        start = change
        end = change + 10 * path.roundTrip + 5
    }

    private mutating func buildSlowClient() {
        path = RandomPath(
            rate: random.logarithmic(250e3, 2.5e6),
            roundTrip: random.logarithmic(0.02, 0.1),
            queue: random.logarithmic(1, 5)
        )
        addChain(to: SimulatedConnection.Options(), over: network.addLink(path.options))
        measure(warm: 20, for: 15)
    }

    private mutating func buildChange() {
        path = RandomPath(
            rate: random.logarithmic(0.5e6, 12.5e6),
            roundTrip: random.logarithmic(0.01, 0.15),
            queue: random.logarithmic(1, 10)
        )
        change = 12
        var options = path.options
        let isUpload = random.next(below: 2) == 1
        let isMore = random.next(below: 2) == 1
        if name == .rateChange {
            let rate = path.rate * (isMore ? 2 : 0.5)
            options.rate.change(to: rate, at: change)
            notes = "\(isUpload ? "up" : "down"), rate to \(Int(rate))"
            path.rate = rate
        } else {
            // Shrinking needs something to shrink.
            let seconds = isMore ? 0.05 : -0.05
            if !isMore {
                path.roundTrip += 0.05
                options.roundTrip += 0.05
                options.queueCapacity = path.options.queueCapacity
            }
            options.roundTripChanges = [(change, seconds)]
            notes = "\(isUpload ? "up" : "down"), RTT by \(seconds)"
            path.roundTrip += seconds
        }
        add(over: network.addLink(options), isUpload: isUpload)
        start = change + 5
        end = start + 4
    }

    private mutating func buildCompetition() {
        path = RandomPath(
            rate: random.logarithmic(1.25e6, 12.5e6),
            roundTrip: random.logarithmic(0.01, 0.08),
            queue: random.logarithmic(1, 6)
        )
        let link = network.addLink(path.options)
        let isFirst = random.next(below: 2) == 0
        notes = isFirst ? "first" : "later"
        competitor = network.addFlow(over: link, from: isFirst ? 3 : 0)
        add(over: link, isUpload: random.next(below: 2) == 1, from: isFirst ? 0 : 3)
        start = 3
        end = 63
    }

    private mutating func buildFlows(_ count: Int) {
        path = RandomPath(
            rate: random.logarithmic(1.25e6, 12.5e6),
            roundTrip: random.logarithmic(0.01, 0.1),
            queue: random.logarithmic(1, 10)
        )
        let link = network.addLink(path.options)
        let isUpload = random.next(below: 2) == 1
        notes = isUpload ? "up" : "down"
        let shared = network.addPath()
        for index in 0..<count {
            add(
                over: link,
                isUpload: isUpload,
                from: index < (count + 1) / 2 ? 0 : 5 + Double(index),
                path: shared
            )
        }
        start = 25
        end = 45
    }

    private mutating func buildAny() {
        path = RandomPath(&random, fastest: 62.5e6)
        if random.next(below: 2) == 1 { hostControl = .bbr }
        let isUpload = random.next(below: 2) == 1
        notes = isUpload ? "up" : "down"
        add(over: network.addLink(path.options), isUpload: isUpload)
        measure(warm: 4, for: 8)
    }

    private mutating func buildRadio() {
        path = RandomPath(
            rate: random.logarithmic(0.5e6, 6e6),
            roundTrip: random.logarithmic(0.03, 0.08),
            queue: random.logarithmic(5, 20)
        )
        var options = path.options
        options.rate = .radio(mean: path.rate, seconds: 40, seed: seed)
        let isUpload = random.next(below: 2) == 1
        notes = isUpload ? "up" : "down"
        add(over: network.addLink(options), isUpload: isUpload)
        start = 5
        end = 35
    }

    private mutating func buildMobile() {
        path = RandomPath(
            rate: random.logarithmic(0.25e6, 2.5e6),
            roundTrip: random.logarithmic(0.03, 0.08),
            queue: 0
        )
        if random.next(below: 2) == 1 { hostControl = .bbr }
        var options = path.options
        options.rate = .mobile(mean: path.rate, seconds: 50, seed: seed)
        options.queueCapacity = Double(512 << 10)
        let isUpload = random.next(below: 2) == 1
        notes = isUpload ? "up" : "down"
        add(over: network.addLink(options), isUpload: isUpload)
        start = 3
        end = 45
    }

    private mutating func buildAnyState() {
        let before = RandomPath(&random, fastest: 12.5e6)
        path = RandomPath(&random, fastest: 12.5e6, loses: false)
        change = 8
        var options = before.options
        options.rate.change(to: path.rate, at: change)
        options.roundTripChanges = [(change, path.roundTrip - before.roundTrip)]
        options.queueCapacity = path.options.queueCapacity
        path.lossChance = before.lossChance
        path.jitter = before.jitter
        let isUpload = random.next(below: 2) == 1
        notes = "\(isUpload ? "up" : "down"), before: \(before)"
        add(over: network.addLink(options), isUpload: isUpload)
        start = change + 20 + 20 * path.roundTrip
        end = start + 6
    }

    /// A bulk flow over `link`, and a ping beside the first one.
    private mutating func add(
        over link: SimulatedLink,
        isUpload: Bool,
        from time: Double = 0,
        path shared: Int? = nil
    ) {
        let peer = shared ?? network.addPath()
        var host = SimulatedConnection.Options()
        host.congestionControl = hostControl
        if isUpload {
            let local = network.addLink(Self.localNetwork)
            relays.append(
                network.addRelay(
                    relayOptions(),
                    from: host,
                    over: link,
                    sourcePath: peer,
                    to: SimulatedConnection.Options(),
                    over: local,
                    sinkPath: network.addPath(),
                    from: time
                )
            )
        } else {
            relays.append(
                network.addRelay(relayOptions(), to: host, over: link, path: peer, from: time)
            )
        }
        if ping == nil { ping = network.addPing(over: link, every: path.rate > 1e6 ? 0.02 : 0.1) }
    }

    /// Origin, Sluice, client, each a host of its own.
    @discardableResult
    private mutating func addChain(
        to sink: SimulatedConnection.Options,
        over link: SimulatedLink
    ) -> SimulatedRelay {
        let origin = network.addLink(Self.localNetwork)
        let relay = network.addRelay(
            relayOptions(),
            from: SimulatedConnection.Options(),
            over: origin,
            sourcePath: network.addPath(),
            to: sink,
            over: link,
            sinkPath: network.addPath()
        )
        relays.append(relay)
        ping = network.addPing(over: link, every: 0.05)
        return relay
    }

    private mutating func relayOptions() -> SimulatedRelay.Options {
        let controller = DirectionController(.network, policy: policy, isBornWithBBR: hostControl == .bbr)
        var options = SimulatedRelay.Options(controller)
        options.loopTurn = random.logarithmic(0.00002, 0.002)
        options.keepsSamples = keepsSamples
        return options
    }

    private static var localNetwork: SimulatedLink.Options {
        .init(rate: RateSchedule(125e6), roundTrip: 0.001, queueCapacity: 2e6)
    }
}
