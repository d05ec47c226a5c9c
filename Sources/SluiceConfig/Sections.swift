import SluiceControl
import SluiceCore

/// Every key of the configuration file, with its kind, its default and its meaning.
///
/// The defaults are those of `Configuration`; a test holds the two together.
extension Section {
    static let document = Section(keys: [
        Key(
            "workers",
            .count(1...1024, word: "auto"),
            .text("auto"),
            "Event loops, each on a thread of its own. auto: one per core."
        ),
        Key(
            "memory",
            .size(range(64 << 10, 1 << 40), word: nil),
            .text("256M"),
            "Ceiling on the relay buffers of all connections together. At the ceiling Sluice slows down."
        ),
        Key(
            "max_connections",
            .count(1...1_000_000_000, word: "auto"),
            .text("auto"),
            "Ceiling on client connections at one time. auto: what the descriptor limit allows."
        ),
        Key(
            "drain",
            .duration(span(.zero, .seconds(86_400)), words: []),
            .text("30s"),
            "How long a drain waits for connections to finish before it resets them."
        ),
        Key("dns", .section(.dns, off: false), .emptySection, "How the host names of origins are resolved."),
        Key(
            "admin",
            .section(.admin, off: true),
            .emptySection,
            "The HTTP server for metrics, health and live connections. off: none."
        ),
        Key("log", .section(.log, off: false), .emptySection, "What is logged, and how."),
        Key(
            "routes",
            .sections(.route),
            .required,
            "The services: where clients connect, and where Sluice connects for them."
        ),
    ])

    static let dns = Section(keys: [
        Key(
            "refresh",
            .duration(span(.seconds(1), .seconds(86_400)), words: []),
            .text("30s"),
            "How long a resolved name is used before it is asked for again."
        )
    ])

    static let admin = Section(keys: [
        Key(
            "listen",
            .listen,
            .text("127.0.0.1:9901"),
            "Where the admin server listens. It has no authentication: keep it on loopback."
        )
    ])

    static let log = Section(keys: [
        Key(
            "format",
            .choice(LogConfiguration.Format.allCases.map(\.rawValue)),
            .text("text"),
            "text for people, json for machines: one object a line."
        ),
        Key(
            "level",
            .choice(LogConfiguration.Level.allCases.map(\.rawValue)),
            .text("info"),
            "The least severe level that is logged. A closed connection is logged at info."
        ),
    ])

    static let route = Section(keys: [
        Key("name", .name, .required, "The route label of logs and metrics. Unique among the routes."),
        Key(
            "listen",
            .listens,
            .required,
            "Where clients connect: one address or a list. :5432 is every interface, IPv6 and IPv4."
        ),
        Key(
            "to",
            .origin,
            .required,
            "The origin. A host name is resolved, and all of its addresses are tried."
        ),
        Key(
            "class",
            .choice(["auto"] + FlowClass.allCases.map(\.rawValue)),
            .text("auto"),
            "What the connections carry: sets their queue budget and their default timeouts. auto: guessed from the origin's port, then corrected by what the traffic looks like."
        ),
        Key(
            "policy",
            .choice(["adaptive", "kernel", "static"]),
            .text("adaptive"),
            "Who sizes the buffers. adaptive: Sluice, by what it measures. kernel: the kernel alone. static: the sizes under the key static."
        ),
        Key(
            "static",
            .section(.staticSizes, off: false),
            .none,
            "The sizes of policy static, and only of it."
        ),
        Key(
            "ring_ceiling",
            .size(range(4 << 10, 1 << 30), word: nil),
            .text("1M"),
            "Ceiling on the relay buffer of each direction of one connection. At most memory."
        ),
        Key(
            "timeouts",
            .section(.timeouts, off: false),
            .emptySection,
            "When a connection is given up. auto: the default of the route's class."
        ),
        Key(
            "limits",
            .section(.limits, off: false),
            .emptySection,
            "How many connections this route takes at one time."
        ),
    ])

    static let staticSizes = Section(keys: [
        Key(
            "ring",
            .size(range(4 << 10, 1 << 30), word: nil),
            .required,
            "The relay buffer of each direction. At most memory."
        ),
        Key(
            "notsent_lowat",
            .size(range(1, 1 << 30), word: "kernel"),
            .text("kernel"),
            "TCP_NOTSENT_LOWAT of both sockets. kernel: left alone."
        ),
        Key(
            "send_buffer",
            .size(range(4 << 10, 1 << 30), word: "kernel"),
            .text("kernel"),
            "SO_SNDBUF of both sockets; the kernel takes twice as much, for its own overhead. More than net.core.wmem_max needs CAP_NET_ADMIN. kernel: its autotuning."
        ),
        Key(
            "receive_buffer",
            .size(range(4 << 10, 1 << 30), word: "kernel"),
            .text("kernel"),
            "SO_RCVBUF of both sockets, set after the handshake, so that the window scale stays; otherwise as send_buffer, with net.core.rmem_max. kernel: its autotuning."
        ),
        Key(
            "congestion_control",
            .congestionControl(word: "kernel"),
            .text("kernel"),
            "TCP_CONGESTION of both sockets, by the kernel's name for it; it has to be there when Sluice starts. kernel: the host's default."
        ),
    ])

    static let timeouts = Section(keys: [
        Key(
            "connect",
            .duration(span(.milliseconds(1), .seconds(3600)), words: ["auto"]),
            .text("auto"),
            "How long a connect to the origin may take, over all of its addresses."
        ),
        Key(
            "idle",
            .duration(span(.milliseconds(1), year), words: ["auto", "never"]),
            .text("auto"),
            "How long a connection may be silent in both directions."
        ),
        Key(
            "half_closed",
            .duration(span(.milliseconds(1), year), words: ["auto"]),
            .text("auto"),
            "How long a connection may live on, silent, after one side has closed its half."
        ),
    ])

    static let limits = Section(keys: [
        Key(
            "connections",
            .count(1...1_000_000_000, word: "unlimited"),
            .text("unlimited"),
            "Ceiling on the route's connections."
        ),
        Key(
            "per_client",
            .count(1...1_000_000_000, word: "unlimited"),
            .text("unlimited"),
            "Ceiling on the connections of one client address."
        ),
    ])

    private static let year = Duration.seconds(365 * 86_400)

    private static func range(_ smallest: Int, _ largest: Int) -> ClosedRange<SizeText> {
        SizeText(bytes: smallest)...SizeText(bytes: largest)
    }

    private static func span(_ shortest: Duration, _ longest: Duration) -> ClosedRange<DurationText> {
        DurationText(shortest)...DurationText(longest)
    }
}
