// What a link is, as a value: two directions, and what changes while it runs.

/// An emulated full-duplex link between two hosts.
///
/// `up` carries packets from the first host to the second (client to server), `down` carries them back. A delay is
/// **one-way**: a link with `delay=10ms` has a round-trip time of 20 ms.
public struct LinkSpecification: Sendable, Hashable {
    public var up: DirectionSpecification
    public var down: DirectionSpecification
    /// In the order in which they happen.
    public var changes: [LinkChange]
    /// Where the random losses and jitter come from: equal seeds, equal fates of the n-th packet.
    public var seed: UInt64

    public init(
        up: DirectionSpecification = DirectionSpecification(),
        down: DirectionSpecification = DirectionSpecification(),
        changes: [LinkChange] = [],
        seed: UInt64 = 1
    ) {
        self.up = up
        self.down = down
        self.changes = changes
        self.seed = seed
    }

    /// The propagation delays there and back, without jitter, queues and serialization.
    public var roundTripTime: Duration { up.delay + down.delay }

    public subscript(direction: LinkDirection) -> DirectionSpecification {
        get { direction == .up ? up : down }
        set {
            switch direction {
            case .up: up = newValue
            case .down: down = newValue
            }
        }
    }
}

/// One of the two ways over a link.
public enum LinkDirection: String, Sendable, Hashable, CaseIterable, Codable {
    /// From the first host to the second: requests, uploads.
    case up
    /// From the second host to the first: responses, downloads.
    case down
}

/// A setting that takes another value while the link runs.
public struct LinkChange: Sendable, Hashable {
    /// Since the link was started, or its clock restarted.
    public var time: Duration
    public var directions: Set<LinkDirection>
    public var setting: LinkSetting

    public init(time: Duration, directions: Set<LinkDirection>, setting: LinkSetting) {
        self.time = time
        self.directions = directions
        self.setting = setting
    }
}

/// What can change while a link runs.
public enum LinkSetting: Sendable, Hashable {
    /// From the next packet on; the one on the wire keeps its pace. Only where the capacity is a rate.
    case capacity(LinkCapacity)
    case delay(Duration)
    /// Packets that already wait stay.
    case queue(QueueLimit)
    case jitter(Jitter)
    case loss(PacketLoss)
}
