/// A link that is worth a name. The parameters are round numbers of our own for a kind of path, no recordings.
public struct LinkProfile: Sendable {
    public let name: String
    /// What kind of path it stands for, and what it does to TCP.
    public let explanation: String
    /// The settings, as `LinkSpecification(parsing:)` reads them.
    public let text: String

    public static let all: [LinkProfile] = [
        LinkProfile(
            name: "lan",
            explanation: "Gigabit Ethernet through one switch: the network is hardly there.",
            text: "rate=1gbit,delay=100us,queue=512KB"
        ),
        LinkProfile(
            name: "metro",
            explanation: "Fibre to another data centre of the town: fast and short, with a queue of one BDP.",
            text: "rate=500mbit,delay=2ms,queue=1bdp"
        ),
        LinkProfile(
            name: "dsl-bloated",
            explanation:
                "A home line, slow upwards, whose modem queues for a second: bufferbloat as in the textbook.",
            text: "up.rate=5mbit,down.rate=50mbit,delay=10ms,up.queue=1s,down.queue=250ms"
        ),
        LinkProfile(
            name: "lte",
            explanation:
                "A phone: a deep queue for this user alone, a delay that wanders, a rate that falls and recovers.",
            text: "up.rate=12mbit,down.rate=40mbit,delay=25ms,jitter=12ms,up.queue=600ms,down.queue=600ms,"
                + "at=10s:down.rate=12mbit,at=15s:down.rate=4mbit,at=20s:down.rate=25mbit,at=25s:down.rate=40mbit"
        ),
        LinkProfile(
            name: "satellite-geo",
            explanation:
                "A geostationary satellite: 600 ms round trip, a narrow way up, losses in short bursts.",
            text: "up.rate=3mbit,down.rate=25mbit,delay=300ms,queue=1bdp,loss=ge:p=0.02%,r=30%"
        ),
        LinkProfile(
            name: "lfn",
            explanation:
                "A long fat network (RFC 7323): 25 MB in flight fill it, far above what buffers start with.",
            text: "rate=1gbit,delay=100ms,queue=0.5bdp"
        ),
        LinkProfile(
            name: "lossy-wan",
            explanation:
                "Another continent over a link that loses 1 % at random: Cubic starves, BBR does not.",
            text: "rate=100mbit,delay=40ms,queue=1bdp,loss=1%"
        ),
        LinkProfile(
            name: "iot-narrow",
            explanation: "A narrow radio for sensors: one full packet takes 47 ms, and some are lost.",
            text: "rate=256kbit,delay=60ms,jitter=20ms,queue=16KB,loss=0.5%"
        ),
    ]

    public static func named(_ name: String) -> LinkProfile? { all.first { $0.name == name } }

    public var specification: LinkSpecification {
        do {
            return try LinkSpecification(parsing: text)
        } catch {
            preconditionFailure("the profile \(name) is wrong: \(error)")
        }
    }
}
