import SluiceControl
import SluiceCore

/// Every key of the configuration file, with its kind, its default and its meaning; those of a route are in
/// `Sections+Route.swift`.
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
            .shorthand(.drain, key: "deadline"),
            .emptySection,
            "How the proxy goes after SIGTERM. A duration alone is the deadline."
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
            "classes",
            .section(.classes, off: false),
            .emptySection,
            "What the classes mean here, where their own targets do not fit."
        ),
        Key(
            "routes",
            .sections(.route),
            .required,
            "The services: where clients connect, and where Sluice connects for them."
        ),
    ])

    static let drain = Section(keys: [
        Key(
            "grace",
            .duration(span(.zero, .seconds(86_400)), words: []),
            .text("0ms"),
            "How long /readyz says no, while clients are still accepted, before the listeners close."
        ),
        Key(
            "deadline",
            .duration(span(.zero, .seconds(86_400)), words: []),
            .text("30s"),
            "How long connections may live on from then. What is left is reset."
        ),
        Key(
            "window",
            .duration(span(.zero, .seconds(86_400)), words: []),
            .text("0ms"),
            "The last part of the deadline, over which the connections that are left and silent are ended one by one, evenly spread, so that not all clients come back at once. At most deadline."
        ),
        Key(
            "removed_origins",
            .choice(RemovalPolicy.allCases.map(\.rawValue)),
            .text(RemovalPolicy.keep.rawValue),
            "What happens to the connections to an origin that a reload takes out of its route. keep: they live on. close: they end by deadline and window, as those of a proxy that goes."
        ),
    ])

    static let dns = Section(keys: [
        Key(
            "refresh",
            .duration(span(.seconds(1), .seconds(86_400)), words: []),
            .text("30s"),
            "The longest that a resolved name is used before it is asked for again. Records that live shorter decide themselves."
        ),
        Key(
            "removed_addresses",
            .choice(RemovalPolicy.allCases.map(\.rawValue)),
            .text(RemovalPolicy.keep.rawValue),
            "What happens to the connections to an address that a name has lost. keep: they live on. close: they are reset."
        ),
    ])

    static let admin = Section(keys: [
        Key(
            "listen",
            .listen,
            .text("127.0.0.1:9901"),
            "Where the admin server listens. It speaks plain HTTP: keep it on loopback or on a Unix socket. Elsewhere it needs a token_file."
        ),
        Key(
            "token_file",
            .path,
            .none,
            "A file with one line: the bearer token that clients have to show, but for /livez and /readyz. Read at the start and with every reload."
        ),
        Key(
            "write",
            .flag,
            .text("false"),
            "Whether it closes connections, reloads and sets the log level, or only answers questions."
        ),
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

    static let classes = Section(
        keys: [
            (FlowClass.llm, "Token streams, and the prompts that ask for them."),
            (.database, "Request and response with state behind it."),
            (.cache, "Small, hot requests."),
            (.network, "Bulk: throughput first."),
            (.telemetry, "Small periodic messages of machines: the newest value matters most."),
        ].map { Key($0.rawValue, .section(.classTargets, off: false), .emptySection, $1) }
    )

    static let classTargets = Section(keys: [
        Key(
            "queue_budget",
            .duration(span(.milliseconds(1), .seconds(10)), words: ["auto"]),
            .text("auto"),
            "How long data may wait unsent in the proxy. auto: the class's own."
        ),
        Key(
            "notsent_lowat",
            .size(range(16 << 10, 1 << 30), word: "auto"),
            .text("auto"),
            "TCP_NOTSENT_LOWAT until the path is measured, rounded down to a power of two; none from 4M on. auto: the class's own."
        ),
        Key(
            "timeouts",
            .section(.timeouts, off: false),
            .emptySection,
            "When a connection of this class is given up, on routes that do not say so themselves. auto: the class's own."
        ),
    ])

    /// The longest duration that a timeout may have.
    static let year = Duration.seconds(365 * 86_400)

    static func range(_ smallest: Int, _ largest: Int) -> ClosedRange<SizeText> {
        SizeText(bytes: smallest)...SizeText(bytes: largest)
    }

    static func span(_ shortest: Duration, _ longest: Duration) -> ClosedRange<DurationText> {
        DurationText(shortest)...DurationText(longest)
    }
}
