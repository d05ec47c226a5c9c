import SluiceControl

/// One TCP connection over a simulated link, in one direction: a sender as Linux has it, and its receiver.
///
/// The sender's parts: what its application wrote (here), what may be sent (`+Transmit`), what comes back (`+Acknowledge`), and
/// what TCP_INFO says of it all (`+Sample`).
final class SimulatedConnection {
    static let segment = SimulatedLink.segment
    /// Memory that the kernel books for a byte of payload of a bulk flow: 93 to 96 % of it is payload.
    static let truesize = 1.06
    /// `per_mss` in `tcp_sndbuf_expand`, for an MSS of 1448.
    static let autotunedPerSegment = 4352.0

    struct Options {
        var congestionControl: CongestionControl = .cubic
        /// Seconds there and back beyond what the link takes.
        var extraRoundTrip = 0.0
        /// `tcp_wmem[2]`.
        var mostSendBuffer = 4 << 20
        /// The window that the receiver's autotuning may reach.
        var mostReceiveWindow = 32 << 20
        /// Bytes per second that the receiving application takes. Infinite: as they come. `nil`: a relay reads them.
        var readerRate: Double? = .infinity
        /// Whether the sending application always has more. Otherwise a relay writes.
        var isBulk = false
    }

    /// What keeps the sender from sending (`tcp_chrono`, net/ipv4/tcp.c).
    enum Limit { case none, busy, receiver, sendBuffer }

    let index: Int
    unowned let network: NetworkSimulation
    let link: SimulatedLink
    let extraRoundTrip: Double
    var readerRate: Double?
    var isBulk: Bool
    let bornWith: CongestionControl
    let mostSendBuffer: Int
    /// Whether the moment of an arrival means anything: not to a reader that takes everything at once.
    let showsArrivals: Bool
    var isEstablished = false

    // The application's side.
    var written = 0
    var sendBuffer = 10 * 2 * autotunedPerSegment
    var isSendBufferSet = false
    var notSentLowat: Int?
    /// `SOCK_NOSPACE`: the application was told to wait.
    var isBlocked = false
    var peakQueued = 0
    /// Shared by the connections of a chain: the first one's writer and the last one's reader tell it.
    var age: AgeTracker?
    var isAgeWriter = false

    // The sender's window.
    var sending = SendingRate()
    var control: CongestionState
    var maximumPacing = Double.infinity
    var isPaced = false
    var nextSendTime = 0.0
    var hasPacingEvent = false
    var next = 0
    var acknowledged = 0
    var edge = 64 << 10
    /// Bytes on their way, as far as the sender knows.
    var inFlight = 0
    let bursts = BurstQueue()
    /// Lost for certain, and not sent again.
    var lost = MissingRanges()
    /// Not there, though later bytes may be on their way still.
    var suspected: [Range<Int>] = []
    var suspectedBytes = 0
    var probeTimeout = Double.infinity
    var recovery: Recovery?
    var isWindowLimited = false
    var usageEnd = 0
    var mostInFlight = 0

    // Measurements.
    var delivered = 0
    var deliveredTime = 0.0
    var firstSent = 0.0
    var appLimitedUntil = 0
    var rate: (bytes: Int, interval: Double, isAppLimited: Bool) = (0, 0, false)
    var handshakeDelay = 0.0
    var smoothed = 0.0
    var variation = 0.0
    var lowestDelay = Double.infinity
    var lastAnswer = -1.0
    var retransmitted = 0
    var retransmittedSegments = 0
    var limit = Limit.none
    var limitSince = 0.0
    var limitTimes = (busy: 0.0, receiver: 0.0, sendBuffer: 0.0)

    // The other end.
    var receiver: SimulatedReceiver
    var lastArrival = 0.0
    var hasReadingEvent = false

    init(_ options: Options, index: Int, link: SimulatedLink, network: NetworkSimulation) {
        self.index = index
        self.network = network
        self.link = link
        extraRoundTrip = options.extraRoundTrip
        readerRate = options.readerRate
        showsArrivals = options.readerRate != .infinity
        isBulk = options.isBulk
        bornWith = options.congestionControl
        mostSendBuffer = options.mostSendBuffer
        control = .cubic(CubicModel())
        receiver = SimulatedReceiver(mostAutotuned: options.mostReceiveWindow)
    }

    /// The handshake is through: it took `delay`, with the queue that there was.
    func establish(delay: Double, at now: Double) {
        isEstablished = true
        handshakeDelay = delay
        smoothed = delay
        variation = delay / 2
        lowestDelay = delay
        deliveredTime = now
        firstSent = now
        setCongestionControl(bornWith, at: now)
    }

    var unsent: Int { written - next }
    /// Bytes written and not acknowledged: what the kernel holds.
    var queued: Int { written - acknowledged }
    /// Bytes that have reached the receiving application.
    var received: Int { receiver.consumed }

    // MARK: Writing

    /// Writes as `write(2)` on a non-blocking socket does. Returns how much was taken; less than asked for means that the socket is
    /// full.
    func write(_ bytes: Int, at now: Double) -> Int {
        noteAppLimited()
        let taken = min(bytes, writeRoom)
        if taken < bytes { isBlocked = true }
        guard taken > 0 else { return 0 }
        written += taken
        if isAgeWriter { age?.noteWritten(written, at: now) }
        peakQueued = max(peakQueued, queued)
        transmit(at: now)
        return taken
    }

    /// `sk_stream_memory_free`, and what the last segment of a burst overshoots.
    private var writeRoom: Int {
        let free = sendBuffer - Double(queued) * Self.truesize
        guard free > 0 else { return 0 }
        var room = Int(free / Self.truesize)
        if let notSentLowat {
            guard unsent < notSentLowat else { return 0 }
            room = min(room, notSentLowat - unsent)
        }
        return (room / burstUnit + 1) * burstUnit
    }

    /// `sk_stream_write_space`: a third of the buffer is free, and half of the unsent limit.
    func checkSpace(at now: Double) {
        guard isBlocked else { return }
        if !isSendBufferSet { expandSendBuffer() }
        guard Double(queued) * Self.truesize <= sendBuffer * 2 / 3 else { return }
        if let notSentLowat, unsent * 2 >= notSentLowat { return }
        isBlocked = false
        if limit == .sendBuffer { changeLimit(to: .busy, at: now) }
    }

    private func expandSendBuffer() {
        let factor = control.isBBR ? 3.0 : 2.0
        let wanted = factor * max(10, sending.window) * Self.autotunedPerSegment
        sendBuffer = max(sendBuffer, min(wanted, Double(mostSendBuffer)))
    }

    /// A plain flow's application writes until it is told to wait.
    func refill(at now: Double) {
        guard isEstablished, isBulk else { return }
        while !isBlocked {
            _ = write(1 << 20, at: now)
            checkSpace(at: now)
        }
    }

    // MARK: Options that an application sets

    func apply(_ decision: Decision, at now: Double) {
        notSentLowat = decision.notSentLowat
        setPacing(decision.pacingRate.map { Double($0) })
        setSendBuffer(decision.sendBuffer)
        setCongestionControl(decision.congestionControl ?? bornWith, at: now)
        // Every one of these options wakes a writer that has room now.
        checkSpace(at: now)
        transmit(at: now)
        if !isBlocked { network.noteWritable(self, at: now) }
    }

    /// `SO_MAX_PACING_RATE`.
    private func setPacing(_ rate: Double?) {
        maximumPacing = rate ?? .infinity
        if rate != nil { isPaced = true }
    }

    /// `SO_SNDBUF`, in bytes of truesize; `nil`: unlocked, autotuning goes on from the size that was set.
    func setSendBuffer(_ bytes: Int?) {
        isSendBufferSet = bytes != nil
        if let bytes { sendBuffer = max(Double(bytes), 2 * Self.autotunedPerSegment) }
    }

    /// `TCP_CONGESTION`.
    func setCongestionControl(_ wanted: CongestionControl, at now: Double) {
        let isBBR = wanted == .bbr
        guard isBBR != control.isBBR else { return }
        if isBBR {
            isPaced = true
            let model = BBRModel(
                delay: smoothed,
                lowestDelay: lowestDelay,
                at: now,
                seed: UInt64(index),
                &sending
            )
            control = .bbr(model)
        } else {
            sending.pacing = .infinity
            control = .cubic(CubicModel())
        }
        recovery = nil
    }
}

/// Which congestion control a sender has, and its state.
enum CongestionState {
    case cubic(CubicModel)
    case bbr(BBRModel)

    var isBBR: Bool {
        if case .bbr = self { return true }
        return false
    }
}

/// Proportional rate reduction (RFC 6937), and where recovery ends.
struct Recovery {
    var end: Int
    var windowBefore: Double
    var delivered = 0
    var sent = 0
    /// Bytes that may be sent now.
    var allowance = 0
}

/// How old data is when the last reader takes it: bytes are told by their position, which no relay changes.
final class AgeTracker {
    private var marks: [(position: Int, time: Double)] = []
    private var head = 0
    private(set) var samples: [(time: Double, age: Double)] = []

    func noteWritten(_ position: Int, at time: Double) {
        marks.append((position, time))
    }

    func noteRead(_ position: Int, at time: Double) {
        var newest: Double?
        while head < marks.count, marks[head].position <= position {
            newest = marks[head].time
            head += 1
        }
        if let newest { samples.append((time, time - newest)) }
    }
}
