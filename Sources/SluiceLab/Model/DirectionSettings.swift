// A direction's specification with everything resolved: traces read, queue lengths in bytes, times in nanoseconds.

/// `LinkCapacity` with the trace itself in place of its file.
enum ResolvedCapacity: Sendable {
    case unlimited
    case bitsPerSecond(Int)
    case trace(DeliveryTrace)

    init(_ capacity: LinkCapacity) throws(LabError) {
        switch capacity {
        case .unlimited: self = .unlimited
        case .bitsPerSecond(let rate): self = .bitsPerSecond(rate)
        case .trace(let path): self = .trace(try DeliveryTrace(path: path))
        }
    }

    /// Nil when nothing limits it.
    var bitsPerSecond: Int? {
        switch self {
        case .unlimited: nil
        case .bitsPerSecond(let rate): rate
        case .trace(let trace): trace.averageBitsPerSecond
        }
    }
}

/// `LinkSetting`, resolved.
enum DirectionChange: Sendable {
    case capacity(ResolvedCapacity)
    case delay(Int)
    case queueLimit(Int)
    case jitter(Jitter)
    case loss(PacketLoss)
}

/// What a `LinkModel` works by.
struct DirectionSettings: Sendable {
    private(set) var capacity: ResolvedCapacity
    /// Nanoseconds.
    private(set) var delay: Int
    /// Bytes that may wait.
    private(set) var queueLimit: Int
    let discipline: QueueDiscipline
    private(set) var jitter: Jitter
    private(set) var loss: PacketLoss
    /// Nanoseconds since the start, and what happens then, in order.
    private(set) var changes: [(time: Int, change: DirectionChange)] = []
    /// Each direction draws from its own sequence.
    let seed: UInt64
    private let initial: [DirectionChange]

    /// A relative limit is at least ten full packets: with less, a queue is no queue.
    static let smallestRelativeQueue = 15_000

    /// Reads the trace, if there is one.
    init(_ link: LinkSpecification, _ direction: LinkDirection) throws(LabError) {
        let specification = link[direction]
        capacity = try ResolvedCapacity(specification.capacity)
        delay = specification.delay.nanoseconds
        discipline = specification.discipline
        jitter = specification.jitter
        loss = specification.loss
        seed = link.seed &* 2 &+ (direction == .up ? 0 : 1)
        let roundTripTime = link.roundTripTime.nanoseconds
        queueLimit = Self.bytes(specification.queue, capacity, roundTripTime)
        initial = [
            .capacity(capacity), .delay(delay), .queueLimit(queueLimit), .jitter(jitter), .loss(loss),
        ]
        var capacityThen = capacity
        for change in link.changes where change.directions.contains(direction) {
            let resolved: DirectionChange
            switch change.setting {
            case .capacity(let next):
                if case .trace = capacity {
                    throw LabError("link: \(direction.rawValue) follows a trace, so its rate cannot change")
                }
                capacityThen = try ResolvedCapacity(next)
                resolved = .capacity(capacityThen)
            case .delay(let delay): resolved = .delay(delay.nanoseconds)
            case .queue(let queue): resolved = .queueLimit(Self.bytes(queue, capacityThen, roundTripTime))
            case .jitter(let jitter): resolved = .jitter(jitter)
            case .loss(let loss): resolved = .loss(loss)
            }
            changes.append((change.time.nanoseconds, resolved))
        }
    }

    mutating func apply(_ change: DirectionChange) {
        switch change {
        case .capacity(let capacity): self.capacity = capacity
        case .delay(let delay): self.delay = delay
        case .queueLimit(let bytes): queueLimit = bytes
        case .jitter(let jitter): self.jitter = jitter
        case .loss(let loss): self.loss = loss
        }
    }

    /// Undoes all changes.
    mutating func restore() {
        for setting in initial { apply(setting) }
    }

    /// Without a capacity nothing waits, and the limit does not matter.
    private static func bytes(_ queue: QueueLimit, _ capacity: ResolvedCapacity, _ roundTripTime: Int) -> Int
    {
        let nanoseconds: Double
        switch queue {
        case .bytes(let bytes): return bytes
        case .time(let time): nanoseconds = Double(time.nanoseconds)
        case .bandwidthDelayProducts(let count): nanoseconds = Double(roundTripTime) * count
        }
        guard let rate = capacity.bitsPerSecond else { return Int.max / 2 }
        let bytes = (Double(rate) * nanoseconds / 8e9).rounded()
        return max(smallestRelativeQueue, Int(min(bytes, 0x1p50)))
    }
}

/// Hands out changes when their time has come.
struct ChangeSchedule {
    private let changes: [(time: Int, change: DirectionChange)]
    private let start: Int
    private var index = 0

    init(_ changes: [(time: Int, change: DirectionChange)], start: Int) {
        self.changes = changes
        self.start = start
    }

    mutating func next(by now: Int) -> (time: Int, change: DirectionChange)? {
        guard index < changes.count, start + changes[index].time <= now else { return nil }
        let (time, change) = changes[index]
        index += 1
        return (start + time, change)
    }
}
