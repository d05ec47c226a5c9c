// One direction of a link, as a value.

/// What one direction of a link does to packets, in this order: they wait in a queue, are sent at the link's capacity,
/// may be lost, and arrive after the delay and the jitter.
public struct DirectionSpecification: Sendable, Hashable {
    public var capacity: LinkCapacity
    /// One-way propagation delay.
    public var delay: Duration
    public var queue: QueueLimit
    public var discipline: QueueDiscipline
    public var jitter: Jitter
    public var loss: PacketLoss

    public init(
        capacity: LinkCapacity = .unlimited,
        delay: Duration = .zero,
        queue: QueueLimit = .bandwidthDelayProducts(1),
        discipline: QueueDiscipline = .dropTail,
        jitter: Jitter = .none,
        loss: PacketLoss = .none
    ) {
        self.capacity = capacity
        self.delay = delay
        self.queue = queue
        self.discipline = discipline
        self.jitter = jitter
        self.loss = loss
    }
}

/// How fast packets leave the queue. Sizes are those of IP packets, with their headers.
public enum LinkCapacity: Sendable, Hashable {
    /// No packet ever waits.
    case unlimited
    /// At least 1.
    case bitsPerSecond(Int)
    /// A file of delivery opportunities in mahimahi's format: see `DeliveryTrace`.
    case trace(path: String)
}

/// How many bytes may wait; the packet on the wire does not count.
///
/// The relative forms are turned into bytes once, with the rate at the start, and to no less than 15,000 bytes (ten
/// packets): a router's memory does not shrink when the radio gets worse.
public enum QueueLimit: Sendable, Hashable {
    case bytes(Int)
    /// What the capacity sends in this time.
    case time(Duration)
    /// Multiples of the capacity times the round-trip time of the whole link.
    case bandwidthDelayProducts(Double)
}

/// What the queue does before it is full.
public enum QueueDiscipline: Sendable, Hashable {
    /// Nothing: a packet that does not fit is dropped.
    case dropTail
    /// CoDel (RFC 8289). The limit of the queue still holds.
    case coDel(target: Duration, interval: Duration)

    /// CoDel with the RFC's 5 ms and 100 ms.
    public static let standardCoDel = QueueDiscipline.coDel(
        target: .milliseconds(5),
        interval: .milliseconds(100)
    )
}

/// Delay that varies, on top of the fixed delay: never negative, up to `amplitude`.
public enum Jitter: Sendable, Hashable {
    case none
    /// The extra delay wanders between 0 and `amplitude`, so slowly that no packet overtakes another.
    case ordered(amplitude: Duration)
    /// Each packet draws its own extra delay, evenly from 0 to `amplitude`: packets overtake each other.
    case reordering(amplitude: Duration)
}

/// Packets lost on the wire, after they have used its capacity.
public enum PacketLoss: Sendable, Hashable {
    case none
    /// Each packet with this probability, independently.
    case random(Double)
    /// Bursts, by the model of Gilbert and Elliott. Before each packet the link may change its state: from good to bad
    /// with `toBad`, back with `toGood`. A burst lasts 1/`toGood` packets on average.
    case gilbertElliott(toBad: Double, toGood: Double, lossInBad: Double, lossInGood: Double)

    /// Over a long time.
    public var average: Double {
        switch self {
        case .none: return 0
        case .random(let probability): return probability
        case .gilbertElliott(let toBad, let toGood, let lossInBad, let lossInGood):
            guard toBad + toGood > 0 else { return lossInGood }
            return (toBad * lossInBad + toGood * lossInGood) / (toBad + toGood)
        }
    }
}
