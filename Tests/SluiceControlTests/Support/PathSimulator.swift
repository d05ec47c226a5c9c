import SluiceControl
import SluiceRandom

/// A path between a relay and a reader: one bottleneck with a drop-tail queue.
struct SimulatedPath {
    /// Bytes per second of the bottleneck.
    var rate: Double
    /// Seconds without a queue.
    var roundTrip: Double
    /// Bytes that the bottleneck's queue holds.
    var queueCapacity: Double
    /// Bytes per second that the reader takes. Infinite: as fast as they come.
    var readerRate: Double = .infinity
    /// Chance that a segment is lost though the queue has room.
    var lossChance: Double = 0
}

/// What the relay's source has to give.
enum SimulatedSource {
    case bulk
    /// Bytes per second, evenly.
    case paced(Double)
    /// So many bytes, every so many seconds.
    case bursts(bytes: Double, every: Double)
    case silent
}

/// One direction: a source, a relay with a `DirectionController`, a sending socket as the kernel would have
/// it, a path.
///
/// A fluid model in small steps. Its socket autotunes (6 congestion windows of unsent data, `tcp_wmem[2]` at
/// most), halts and wakes the writer as `TCP_NOTSENT_LOWAT` does, and keeps the counters of TCP_INFO. The
/// relay answers one step later: that is its loop's latency.
struct PathSimulator {
    static let segment = 1448.0

    var path: SimulatedPath
    var source: SimulatedSource
    var controller: DirectionController
    /// Samples are this many seconds apart, give or take a fifth.
    var sampleInterval = 0.1
    /// Seconds until the loop comes to this connection again: the turns of all others.
    var loopTurn = 0.0

    private(set) var now = 0.0
    private(set) var relayed = 0.0
    private(set) var decisions: [(time: Double, decision: Decision)] = []
    private(set) var sample = LegSample()
    private(set) var lowat: Int?
    private(set) var peakUnsent = 0.0
    private var random: SplitMix64
    private let step: Double
    private var nextSample = 0.0
    private var nextTurn = 0.0
    private var available = 0.0
    private var lastBurst = -Double.infinity
    private var held = 0.0

    private var unsent = 0.0
    private var inFlight = 0.0
    private var toRetransmit = 0.0
    private var window: Double = 10 * segment
    private var threshold = Double.infinity
    private var lastCut = -Double.infinity
    private var isBlocked = false
    private var dryUntil = 0.0
    private var isAppLimited = false

    private var queue = 0.0
    private var unread = 0.0
    private var receiveBuffer = 6e6
    /// Bytes and the queueing delay that they saw, by the step at which their ACK arrives.
    private var pipeline: [(bytes: Double, delay: Double)]
    private var position = 0
    private var acked = 0.0
    private var retransmitted = 0.0
    private var busy = 0.0
    private var receiverLimited = 0.0
    private var smoothed: Double
    private var deliveries: [Double]

    init(path: SimulatedPath, source: SimulatedSource, controller: DirectionController, seed: UInt64) {
        self.path = path
        self.source = source
        self.controller = controller
        random = SplitMix64(seed: seed)
        step = min(0.001, path.roundTrip / 5)
        pipeline = Array(repeating: (0, 0), count: max(1, Int(path.roundTrip / step)))
        deliveries = Array(repeating: 0, count: pipeline.count)
        smoothed = path.roundTrip
        lowat = controller.initialDecision.notSentLowat
        if path.readerRate < .infinity { receiveBuffer = 256e3 }
    }

    mutating func run(for seconds: Double) {
        let end = now + seconds
        peakUnsent = 0
        while now < end {
            produce()
            relay()
            acknowledge()
            transmit()
            serve()
            count()
            now += step
            if now >= nextSample { observe() }
        }
    }

    private mutating func produce() {
        switch source {
        case .bulk: available = .infinity
        case .paced(let rate): available = (available.isFinite ? available : 0) + rate * step
        case .bursts(let bytes, let every):
            if !available.isFinite { available = 0 }
            if now - lastBurst >= every {
                available += bytes
                lastBurst = now
            }
        case .silent: available = 0
        }
    }

    /// Bytes that the kernel takes before it says EAGAIN.
    private var writeLimit: Double {
        let autotuned = min(max(6 * window, 87_380), 3.6e6)
        return lowat.map { min(autotuned, Double($0)) } ?? autotuned
    }

    private mutating func relay() {
        if now < nextTurn { return }
        nextTurn = now + loopTurn
        if isBlocked, unsent >= writeLimit / 2 { return }
        isBlocked = false
        // A turn's worth of CPU: a relay copies some 1.5 GB/s.
        var copied = 0.0
        while copied < 1.5e9 * max(step, loopTurn) {
            if held == 0 {
                guard available >= 1 else { return }
                let target = controller.ringTarget
                held = min(Double(target), available)
                available -= held
                controller.noteRead(bytes: Int(held), filled: Int(held) == target)
            }
            let room = max(writeLimit - unsent, 0)
            guard room > 0 else {
                isBlocked = true
                return
            }
            if unsent < Self.segment, inFlight < window - Self.segment {
                dryUntil = now + smoothed + 3 * step
            }
            let written = min(held, room)
            held -= written
            unsent += written
            relayed += written
            copied += written
            // On a path shorter than a step the socket sends while the relay writes.
            transmit()
        }
    }

    private mutating func acknowledge() {
        let arrived = pipeline[position]
        pipeline[position] = (0, 0)
        deliveries[position] = arrived.bytes
        guard arrived.bytes > 0 else { return }
        let wasFull = inFlight >= window * 0.9 || window < threshold && inFlight >= window / 2
        inFlight = max(inFlight - arrived.bytes, 0)
        acked += arrived.bytes
        // As tcp_rate_gen: the flag is of the newest delivery, and stands until the next.
        isAppLimited = now <= dryUntil
        let weight = min(1, max(step, 1e-6) / smoothed)
        smoothed += (path.roundTrip + arrived.delay - smoothed) * weight
        guard wasFull else { return }
        if window < threshold {
            window += arrived.bytes
        } else {
            window += Self.segment * arrived.bytes / window
        }
    }

    private var receiveWindow: Double { max(receiveBuffer - unread, 0) }

    private mutating func transmit() {
        let allowed = max(min(window, receiveWindow) - inFlight, 0)
        let again = min(toRetransmit, allowed)
        toRetransmit -= again
        retransmitted += again
        let fresh = min(unsent, allowed - again)
        unsent -= fresh
        var sent = again + fresh
        inFlight += sent
        if path.lossChance > 0, sent > 0 {
            let segments = sent / Self.segment
            if Double.random(in: 0...1, using: &random) < path.lossChance * segments {
                sent = lose(min(sent, Self.segment), of: sent)
            }
        }
        queue += sent
        if queue > path.queueCapacity {
            queue = lose(queue - path.queueCapacity, of: queue)
        }
    }

    private mutating func lose(_ bytes: Double, of total: Double) -> Double {
        inFlight = max(inFlight - bytes, 0)
        toRetransmit += bytes
        if now - lastCut > smoothed {
            lastCut = now
            window = max(window * 0.7, 2 * Self.segment)
            threshold = window
        }
        return total - bytes
    }

    private mutating func serve() {
        let served = min(queue, path.rate * step)
        queue -= served
        unread = max(unread + served - path.readerRate * step, 0)
        pipeline[position] = (served, queue / path.rate)
        position = (position + 1) % pipeline.count
    }

    private mutating func count() {
        peakUnsent = max(peakUnsent, unsent)
        if inFlight > 1 || unsent > 1 { busy += step }
        if unsent > Self.segment, receiveWindow - inFlight < Self.segment, window > inFlight {
            receiverLimited += step
        }
    }

    private mutating func observe() {
        nextSample = now + sampleInterval * Double.random(in: 0.8...1.2, using: &random)
        sample.fields = .all
        sample.rtt = UInt32(smoothed * 1e6)
        sample.minimumRTT = UInt32(path.roundTrip * 1e6)
        sample.congestionWindow = UInt32(window / Self.segment)
        sample.segmentSize = UInt32(Self.segment)
        sample.unacked = UInt32(inFlight / Self.segment)
        sample.notSent = UInt32(unsent)
        sample.deliveryRate = UInt64(deliveries.reduce(0, +) / (Double(deliveries.count) * step))
        sample.isAppLimited = isAppLimited
        sample.bytesAcked = UInt64(acked)
        sample.segmentsDelivered = UInt32(acked / Self.segment)
        sample.bytesRetransmitted = UInt64(retransmitted)
        sample.busy = UInt64(busy * 1e6)
        sample.receiverLimited = UInt64(receiverLimited * 1e6)
        let decision = controller.observe(sink: sample, relayedBytes: UInt64(relayed), at: UInt64(now * 1e6))
        guard let decision else { return }
        decisions.append((now, decision))
        lowat = decision.notSentLowat
    }
}

extension DirectionController {
    init(
        _ flowClass: FlowClass,
        policy: Policy = .adaptive,
        ringCeiling: Int = 1 << 20,
        isBornWithBBR: Bool = false
    ) {
        self.init(
            policy: policy,
            targets: ClassTargets[for: flowClass],
            ringCeiling: ringCeiling,
            isBornWithBBR: isBornWithBBR
        )
    }
}
