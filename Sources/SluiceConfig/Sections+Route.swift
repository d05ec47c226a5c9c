import SluiceControl
import SluiceCore

/// The keys of a route, and of the sections within it.
extension Section {
    static let route = Section(keys: [
        Key("name", .name, .required, "The route label of logs and metrics. Unique among the routes."),
        Key(
            "listen",
            .listens(.listener),
            .required,
            "Where clients connect: one listener or a list. :5432 is every interface, IPv6 and IPv4."
        ),
        Key(
            "to",
            .origins(.origin, word: "original"),
            .required,
            "Where Sluice connects: one origin or a list. A host name is resolved, and all of its addresses are tried. original: where the client wanted to go, before the packet filter steered it here."
        ),
        Key(
            "original",
            .section(.original, off: false),
            .none,
            "Where steered connections may go. With to: original, and only with it."
        ),
        Key(
            "source",
            .choice(SourceAddress.allCases.map(\.rawValue)),
            .text("own"),
            "The address that the origin sees. own: one of this host's. client: the client's, which takes CAP_NET_ADMIN, and routes that lead the origin's answers back here."
        ),
        Key(
            "mark",
            .count(1...Int(UInt32.max), word: "none"),
            .text("none"),
            "SO_MARK of the sockets to the origin, by which the packet filter knows them. Takes CAP_NET_ADMIN."
        ),
        Key(
            "accept_proxy",
            .section(.acceptProxy, off: false),
            .none,
            "Connections begin with a PROXY protocol header, version 1 or 2. The address in it is the client's: in the logs, for the limits, and towards the origin."
        ),
        Key(
            "send_proxy",
            .choice(["off"] + SendProxy.allCases.map(\.rawValue)),
            .text("off"),
            "The version of the PROXY protocol header that the origin is sent before anything else. v2 passes on the TLVs of a header that came."
        ),
        Key(
            "balance",
            .choice(BalanceMethod.allCases.map(\.rawValue)),
            .text(BalanceMethod.roundRobin.rawValue),
            "How connections are dealt out to the origins. round_robin: in turn, by weight. least_connections: to the one with the fewest for its weight. least_rtt: to the nearest, by what Sluice measures."
        ),
        Key(
            "queue",
            .section(.queue, off: true),
            .emptySection,
            "Where connections wait while every origin has max_connections. off: they are reset."
        ),
        Key(
            "health",
            .section(.health, off: true),
            .text("off"),
            "How the origins are asked whether they are well. One that is not gets no connections. off: not at all."
        ),
        Key(
            "ejection",
            .section(.ejection, off: true),
            .emptySection,
            "When an origin that cannot be connected is left out for a while. off: never, and no panic: one that fails its checks gets nothing, even if all do."
        ),
        Key(
            "warm_pool",
            .section(.warmPool, off: true),
            .text("off"),
            "Connections that are made to each origin ahead of demand, as many as the arrivals call for: the first byte comes a round trip sooner. The origin sees connections that say nothing yet. off: each is made when it is needed."
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
            "forbid",
            .choices(forbiddable.map(\.rawValue), none: "none"),
            .text("none"),
            "What policy adaptive may not set on the sockets of this route."
        ),
        Key(
            "holdback",
            .percent(PercentText(share: 0)...PercentText(share: 0.5)),
            .text("5%"),
            "Share of the connections under policy adaptive that are left to the kernel alone, so that the metrics show what adapting gains, and Sluice withdraws what does harm. 0%: neither. A client's connections of five minutes go together."
        ),
        Key(
            "connection_memory",
            .size(range(1 << 20, 1 << 40), word: nil),
            .text("128M"),
            "Ceiling on the kernel memory of one connection under policy adaptive: a quarter for the sending and for the receiving side of each of its sockets. Less than the kernel's autotuning would take costs throughput on long paths."
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
            "How much of the machine this route and its clients may take."
        ),
        Key(
            "access",
            .section(.access, off: false),
            .emptySection,
            "Which clients are served, by their address: the longest prefix that holds it decides. Without one a client is served, unless allow names some. Those who are not are reset. Clients of a Unix socket are not asked."
        ),
    ])

    /// The ring has its own key, `ring_ceiling`: without one nothing could be relayed.
    static let forbiddable = Actuator.allCases.filter { $0 != .ring }

    static let original = Section(keys: [
        Key(
            "via",
            .choice(OriginalDestinationConfiguration.Via.allCases.map(\.rawValue)),
            .text("redirect"),
            "How nftables steers: by redirect, or by tproxy, which takes CAP_NET_ADMIN. A setting of the listening socket: it changes with the listen address, or with a new start."
        ),
        Key(
            "allow",
            .destinations,
            .required,
            "The destinations that are allowed: a prefix alone is every port. Every other one is refused."
        ),
    ])

    static let acceptProxy = Section(keys: [
        Key(
            "from",
            .prefixes,
            .required,
            "Whose connections begin with a header: it must be there. Clients of a Unix socket are among them."
        ),
        Key(
            "others",
            .choice(AcceptProxyConfiguration.Others.allCases.map(\.rawValue)),
            .text("refuse"),
            "What becomes of connections from elsewhere. direct: they are taken without a header, for what they are."
        ),
        Key(
            "timeout",
            .duration(span(.milliseconds(1), .seconds(3600)), words: []),
            .text("5s"),
            "How long the header may take."
        ),
    ])

    static let listener = Section(keys: [
        Key("address", .listen, .required, "Where clients connect."),
        Key(
            "mode",
            .mode,
            .none,
            "Of a Unix socket that Sluice makes: the permissions of its file. Who may write to it may connect. Without it, what the umask leaves."
        ),
        Key(
            "group",
            .word,
            .none,
            "Of a Unix socket that Sluice makes: the group of its file, by its name or number. Unless Sluice runs as root, one that it is in."
        ),
    ])

    static let origin = Section(keys: [
        Key("address", .origin, .required, "What to connect to. No address stands in a list twice."),
        Key(
            "weight",
            .count(1...256, word: nil),
            .text("1"),
            "Its share of the connections, relative to the weights of the other origins."
        ),
        Key(
            "max_connections",
            .count(1...1_000_000_000, word: "unlimited"),
            .text("unlimited"),
            "Ceiling on the connections that it has at one time."
        ),
        Key(
            "health_address",
            .origin,
            .none,
            "Where its health checks go, if not to its address. They get no PROXY header there."
        ),
    ])

    static let queue = Section(keys: [
        Key(
            "length",
            .count(1...10_000, word: nil),
            .text("100"),
            "Connections that may wait at one time. Further ones are reset."
        ),
        Key(
            "timeout",
            .duration(span(.milliseconds(1), .seconds(3600)), words: []),
            .text("10s"),
            "How long a connection may wait. Then it is reset."
        ),
    ])

    static let health = Section(keys: [
        Key(
            "check",
            .choice(["tcp", "postgres", "redis", "http", "send_expect"]),
            .required,
            "What is asked. tcp: a connect. postgres: a session's begin. redis: PING. http: a GET. send_expect: what you write."
        ),
        Key(
            "interval",
            .duration(span(.milliseconds(10), .seconds(3600)), words: []),
            .text("5s"),
            "How long to wait after a check before the next."
        ),
        Key(
            "timeout",
            .duration(span(.milliseconds(1), .seconds(3600)), words: []),
            .text("2s"),
            "How long a check may take, connect and answer together."
        ),
        Key(
            "rise",
            .count(1...1000, word: nil),
            .text("2"),
            "So many passed checks in a row make an unhealthy origin healthy."
        ),
        Key(
            "fall",
            .count(1...1000, word: nil),
            .text("3"),
            "So many failed checks in a row make a healthy origin unhealthy. The very first check decides alone."
        ),
        Key(
            "port",
            .count(1...65535, word: "auto"),
            .text("auto"),
            "The port of the origin's host that is asked. auto: the one that connections go to; another one gets no PROXY header."
        ),
        Key(
            "on_unhealthy",
            .choice(RemovalPolicy.allCases.map(\.rawValue)),
            .text(RemovalPolicy.keep.rawValue),
            "What happens to the connections of an origin that turns unhealthy. keep: they live on. close: they are reset."
        ),
        Key(
            "user",
            .word,
            .none,
            "Check postgres: whose session is begun. A user that does not exist will do; sluice when absent."
        ),
        Key(
            "path",
            .word,
            .none,
            "Check http: what is asked for. / when absent."
        ),
        Key("host", .word, .none, "Check http: the Host header. sluice when absent."),
        Key("status", .statuses, .none, "Check http: the statuses that pass. 200-399 when absent."),
        Key("send", .text, .none, "Check send_expect: what is sent. Nothing when absent."),
        Key("expect", .text, .none, "Check send_expect: what the answer has to hold."),
    ])

    static let ejection = Section(keys: [
        Key(
            "failures",
            .count(1...1000, word: nil),
            .text("3"),
            "So many failures in a row eject an origin: connects that fail, and resets before a byte went either way."
        ),
        Key(
            "time",
            .duration(span(.milliseconds(1), .seconds(86_400)), words: []),
            .text("10s"),
            "How long the first ejection takes. Each further one takes twice as long."
        ),
        Key(
            "max_time",
            .duration(span(.milliseconds(1), .seconds(86_400)), words: []),
            .text("5m"),
            "The longest that an ejection takes."
        ),
        Key(
            "panic",
            .count(0...100, word: nil),
            .text("33"),
            "Percent. With fewer of the origins healthy than this, or none, all of them are used. 0: never; with none healthy, connections are reset."
        ),
    ])

    static let warmPool = Section(keys: [
        Key(
            "max",
            .count(1...10_000, word: nil),
            .text("32"),
            "Ceiling on the warm connections of one origin at one time. They count for the origin's max_connections."
        ),
        Key(
            "max_age",
            .duration(span(.seconds(1), .seconds(3600)), words: []),
            .text("15s"),
            "The longest that a connection waits to be used. Less than the origin's patience with connections that say nothing."
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
            "Ceiling on the route's connections. What is more waits in the kernel's queue."
        ),
        Key(
            "per_client",
            .count(1...1_000_000_000, word: "unlimited"),
            .text("unlimited"),
            "Ceiling on the connections of one client address. What is more is reset."
        ),
        Key(
            "rate",
            .count(1...1_000_000_000, word: "unlimited"),
            .text("unlimited"),
            "New connections a second, of which a second's worth may come at once. What is more waits in the kernel's queue."
        ),
        Key(
            "rate_per_client",
            .count(1...1_000_000_000, word: "unlimited"),
            .text("unlimited"),
            "New connections a second of one client address, of which a second's worth may come at once. What is more is reset."
        ),
        Key(
            "bandwidth",
            .size(range(1 << 10, 1 << 40), word: "unlimited"),
            .text("unlimited"),
            "Bytes a second in each direction, over all connections of the route, which take turns. What is more waits at its sender."
        ),
        Key(
            "bandwidth_per_client",
            .size(range(1 << 10, 1 << 40), word: "unlimited"),
            .text("unlimited"),
            "The same over the connections of one client address."
        ),
    ])

    static let access = Section(keys: [
        Key("allow", .prefixes, .none, "Who is served. With it, nobody else is."),
        Key(
            "deny",
            .prefixes,
            .none,
            "Who is not. With allow: not even if a shorter prefix there holds the address."
        ),
    ])
}
