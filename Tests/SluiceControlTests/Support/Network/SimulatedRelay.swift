import SluiceControl
import SluiceRandom

/// One direction through Sluice: a source, a ring, a `DirectionController`, and the socket to the sink.
///
/// It reads and writes as a half relay does: one lease of the ring's target, written out before the next; what the sink does not
/// take waits, and nothing more is read meanwhile. It samples both sockets ten times a second, give or take a fifth, and does what
/// the decisions say.
final class SimulatedRelay {
    struct Options {
        var controller: DirectionController
        /// Seconds until the loop comes to this connection: the turns of all others.
        var loopTurn = 50e-6
        var sampleInterval = 0.1
        /// Most memory that `SO_SNDBUF` may set, bytes of truesize: twice `net.core.wmem_max` without CAP_NET_ADMIN.
        var mostSendBuffer = Int.max
        /// Whether the samples are kept for a trace.
        var keepsSamples = false

        init(_ controller: DirectionController) {
            self.controller = controller
        }
    }

    /// What one sample showed, and what was decided.
    struct Moment {
        var time: Double
        var sink: LegSample
        var source: LegSample?
        var relayed: Int
        /// Seconds of queue before the source's receiver, and before the sink's.
        var queueDelays: (source: Double, sink: Double)
        var decision: Decision?
    }

    let index: Int
    unowned let network: NetworkSimulation
    let sink: SimulatedConnection
    /// The connection that it reads from; `nil`: `supply` says what there is.
    let source: SimulatedConnection?
    private var supply: SimulatedSource
    private(set) var controller: DirectionController
    private let options: Options
    /// Indices in the network's bottlenecks.
    private let sinkPath: Int
    private let sourcePath: Int
    private var random: SplitMix64

    private(set) var relayed = 0
    private(set) var decisions: [(time: Double, decision: Decision)] = []
    private(set) var moments: [Moment] = []
    /// The most that socket buffers and ring held since `forgetMemory`.
    private(set) var peakMemory = 0
    /// Read and not written yet.
    private(set) var heldBytes = 0
    private var available = 0
    private var suppliedAt = 0.0
    private var hasTurn = false
    private var isWaiting = false
    private var awaitsSupply = false
    private var hasLeft = false
    private var sourceWindow: Int?

    /// Bytes that a turn relays at most, before the loop looks at its other connections.
    private static let turnShare = 4 << 20

    init(
        _ options: Options,
        index: Int,
        supply: SimulatedSource,
        source: SimulatedConnection?,
        sink: SimulatedConnection,
        sourcePath: Int,
        sinkPath: Int,
        network: NetworkSimulation,
        seed: UInt64
    ) {
        self.options = options
        self.index = index
        self.supply = supply
        self.source = source
        self.sink = sink
        self.sourcePath = sourcePath
        self.sinkPath = sinkPath
        self.network = network
        controller = options.controller
        random = SplitMix64(seed: seed)
    }

    /// Both sockets are connected.
    func start(at now: Double) {
        suppliedAt = now
        sink.apply(controller.initialDecision, at: now)
        setSourceWindow(controller.initialDecision.sourceWindow, at: now)
        sample(at: now)
        scheduleTurn(at: now)
    }

    /// The source has nothing more from now on.
    func stop(at now: Double) {
        supply = .silent
        available = 0
        hasLeft = true
        controller.leave(sink: &network.bottlenecks[sinkPath])
        if source != nil { controller.leave(source: &network.bottlenecks[sourcePath]) }
    }

    /// The sink takes bytes again, or still: only who waits for that wants to know.
    func noteWritable(at now: Double) {
        if isWaiting { scheduleTurn(at: now) }
    }

    func scheduleTurn(at now: Double) {
        guard !hasTurn else { return }
        hasTurn = true
        network.events.schedule(.turn, of: index, at: now + options.loopTurn)
    }

    func forgetMemory() { peakMemory = 0 }

    /// The loop has come to this connection.
    func turn(at now: Double) {
        hasTurn = false
        isWaiting = false
        var share = Self.turnShare
        while !sink.isBlocked, share > 0 {
            if heldBytes == 0 {
                let bytes = readSource(at: now)
                guard bytes > 0 else { break }
                share -= bytes
            }
            write(at: now)
        }
        // What was written may have left already: epoll would say so at once.
        sink.checkSpace(at: now)
        isWaiting = sink.isBlocked
        if !isWaiting, heldBytes > 0 || share <= 0 { scheduleTurn(at: now) }
        let memory =
            Int(Double(sink.queued) * SimulatedConnection.truesize) + heldBytes
            + (source?.receiver.unread ?? 0)
        peakMemory = max(peakMemory, memory)
        source?.tellWindow(at: now)
    }

    private func readSource(at now: Double) -> Int {
        let target = controller.ringTarget
        let count: Int
        if let source {
            count = min(target, source.receiver.unread)
            source.read(count, at: now)
        } else {
            produce(at: now)
            count = min(target, available)
            if available != .max { available -= count }
        }
        guard count > 0 else { return 0 }
        heldBytes = count
        controller.noteRead(bytes: count, filled: count == target)
        return count
    }

    private func write(at now: Double) {
        let taken = sink.write(heldBytes, at: now)
        heldBytes -= taken
        relayed += taken
        if let limit = controller.noteTaken(bytes: taken, at: UInt64(now * 1e3)) {
            sink.notSentLowat = limit == .max ? nil : limit
        }
        if let window = controller.noteWritten(bytes: taken, all: heldBytes == 0, at: UInt64(now * 1e3)) {
            setSourceWindow(window == .max ? nil : window, at: now)
        }
    }

    private func produce(at now: Double) {
        switch supply {
        case .bulk: available = .max
        case .silent: available = 0
        case .paced(let rate):
            let bytes = Int((now - suppliedAt) * rate)
            available += bytes
            suppliedAt += Double(bytes) / rate
            awaitSupply(until: now + max(0.002, 1448 / rate))
        case .bursts(let bytes, let every):
            while suppliedAt <= now {
                available += Int(bytes)
                suppliedAt += every
            }
            awaitSupply(until: suppliedAt)
        }
    }

    private func awaitSupply(until time: Double) {
        guard !awaitsSupply else { return }
        awaitsSupply = true
        network.events.schedule(.source, of: index, at: time)
    }

    func noteSupply(at now: Double) {
        awaitsSupply = false
        scheduleTurn(at: now)
    }

    func sample(at now: Double) {
        guard !hasLeft else { return }
        let next = options.sampleInterval * (0.8 + 0.4 * random.nextFraction())
        network.events.schedule(.sample, of: index, at: now + next)
        let time = UInt64(now * 1e6)
        let sourceSample = source?.receiverSample(at: now)
        if let sourceSample {
            controller.observeSource(sourceSample, at: time, bottleneck: &network.bottlenecks[sourcePath])
        }
        let sinkSample = sink.senderSample(at: now)
        let decision = controller.observe(
            sink: sinkSample,
            relayedBytes: UInt64(relayed),
            at: time,
            bottleneck: &network.bottlenecks[sinkPath]
        )
        if options.keepsSamples {
            moments.append(
                Moment(
                    time: now,
                    sink: sinkSample,
                    source: sourceSample,
                    relayed: relayed,
                    queueDelays: (source?.link.queueDelay(at: now) ?? 0, sink.link.queueDelay(at: now)),
                    decision: decision
                )
            )
        }
        if let decision { apply(decision, at: now) }
    }

    private func apply(_ decision: Decision, at now: Double) {
        decisions.append((now, decision))
        var allowed = decision
        allowed.sendBuffer = decision.sendBuffer.map { min($0, options.mostSendBuffer) }
        sink.apply(allowed, at: now)
        setSourceWindow(decision.sourceWindow, at: now)
    }

    private func setSourceWindow(_ bytes: Int?, at now: Double) {
        guard let source, bytes != sourceWindow else { return }
        sourceWindow = bytes
        source.receiver.setWindow(bytes)
        source.tellWindow(at: now)
    }
}
