import SluiceLab

// The scenarios that the bench's own loads make.

extension Scenario {
    /// All of them, in the order of tables.
    public static let all = benchLoads + services

    private static let benchLoads: [Scenario] = [
        tokens(
            "tokens-dsl",
            on: .profile("dsl-bloated"),
            "a home line that queues for a quarter of a second"
        ),
        tokens("tokens-metro", on: .profile("metro"), "a fast line of the town"),
        requests("rr-dsl", on: .profile("dsl-bloated"), "a home line that queues for a quarter of a second"),
        requests(
            "rr-dsl-up",
            on: .profile("dsl-bloated"),
            "a home line that queues for a second",
            isUp: true
        ),
        requests("rr-metro", on: .profile("metro"), "a fast line of the town"),
        bulk("bulk-lfn", on: .profile("lfn"), seconds: 7, "Bulk on a long fat path", "a long fat path"),
        bulk(
            "bulk-lossy",
            on: .profile("lossy-wan"),
            seconds: 5,
            "Bulk on a lossy path",
            "a path that loses 1 %"
        ),
        bulkLoopback, freshness, slowReaders,
    ]

    public static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

    /// For a first answer: latency beside bulk, and bulk where a path is hard.
    public static let quick: [Scenario] = ["tokens-dsl", "bulk-lossy"].compactMap(named).map { scenario in
        var scenario = scenario
        scenario.seconds = 2.5
        return scenario
    }

    /// The mixed scenarios on a link of one's own.
    public static func mixed(on link: LinkSpecification) -> [Scenario] {
        [tokens("tokens-link", on: link, "the given link"), requests("rr-link", on: link, "the given link")]
    }

    /// A load on a link of one's own; with a second one, the origin is on another host, behind it.
    public static func own(_ workload: Workload, on link: LinkSpecification, originLink: LinkSpecification?)
        -> Scenario
    {
        Scenario(
            "\(workload.rawValue)-link",
            "\(workload.title), over the given link.",
            link: link,
            originLink: originLink,
            load: workload.load,
            seconds: 5,
            measures: workload.measures
        )
    }

    private static func tokens(_ name: String, on link: LinkSpecification, _ place: String) -> Scenario {
        Scenario(
            name,
            "Eight clients read token streams beside a download, over \(place).",
            link: link,
            load: BenchLoad.tokensBesideDownload,
            seconds: 5,
            measures: [.firstTokenP95, .tokenGapP99, .tokenGapSpread, .goodput],
            claims: [
                Claim("LLM: time to first token beside bulk", .firstTokenP95),
                Claim("LLM: gaps between tokens beside bulk", .tokenGapP99),
            ]
        )
    }

    private static func requests(
        _ name: String,
        on link: LinkSpecification,
        _ place: String,
        isUp: Bool = false
    )
        -> Scenario
    {
        Scenario(
            name,
            "Four clients send requests beside \(isUp ? "an upload" : "a download"), over \(place).",
            link: link,
            load: BenchLoad.requestsBesideBulk(isUp ? [] : ["--reverse"]),
            seconds: 5,
            measures: [.responseP95, .responseP50, .responseP99, .responseSpread, .goodput],
            claims: [
                Claim("Requests beside \(isUp ? "an upload" : "bulk"), p95", .responseP95),
                Claim("Latency variance under load: p99/p50", .responseSpread),
            ]
        )
    }

    private static func bulk(
        _ name: String,
        on link: LinkSpecification,
        seconds: Double,
        _ title: String,
        _ place: String
    ) -> Scenario {
        Scenario(
            name,
            "One download over \(place), from its first byte on.",
            link: link,
            load: BenchLoad(["--mode", "stream", "--reverse"]),
            seconds: seconds,
            measures: [.goodput, .cpuPerGigabyte, .memoryHeld],
            claims: [Claim(title, .goodput)]
        )
    }

    /// The baseline is what HAProxy and nginx have by default: buffers of 16 KiB.
    private static let bulkLoopback = Scenario(
        "bulk-loopback",
        "One upload over loopback: what passing bytes costs.",
        load: BenchLoad(["--mode", "stream"]),
        seconds: 3,
        measures: [.goodput, .cpuPerGigabyte],
        claims: [Claim("Bulk on loopback", .goodput), Claim("CPU per gigabyte on loopback", .cpuPerGigabyte)]
    )

    /// The origin's host is another one: beside the proxy it would see the proxy's buffers fill at once, over loopback.
    private static let freshness = Scenario(
        "freshness-narrow",
        "A reader of 8 Mbit/s gets data from a source on another host that always has newer data.",
        link: .parsing("rate=8mbit,delay=30ms,queue=100ms"),
        originLink: .parsing("rate=1gbit,delay=1ms,queue=512KB"),
        load: BenchLoad(["--mode", "freshness", "--reverse"]),
        seconds: 5,
        measures: [.ageP95, .ageP50, .goodput],
        claims: [Claim("Age of the data at a slow reader, p95", .ageP95)]
    )

    private static let slowReaders = Scenario(
        "slow-readers",
        "200 clients download at once over 50 Mbit/s: what the proxy and its sockets hold for them.",
        link: .parsing("rate=50mbit,delay=10ms,queue=200ms"),
        load: BenchLoad(["--mode", "stream", "--reverse", "--parallel", "200", "--length", "64K"]),
        seconds: 4,
        measures: [.memoryHeld, .goodput],
        claims: [Claim("Memory held for 200 slow readers, user and kernel", .memoryHeld)]
    )
}

extension BenchLoad {
    /// Many short streams: the time to the first token needs many beginnings.
    static let tokensBesideDownload = BenchLoad([
        "--mode", "mixed", "--probe", "tokens", "--probes", "8", "--reverse", "--tokens", "16",
        "--token-rate", "40",
    ])

    static func requestsBesideBulk(_ way: [String] = []) -> BenchLoad {
        BenchLoad(["--mode", "mixed", "--probe", "rr", "--probes", "4"] + way)
    }
}

extension LinkSpecification {
    static func profile(_ name: String) -> LinkSpecification {
        guard let profile = LinkProfile.named(name) else { preconditionFailure("no profile '\(name)'") }
        return profile.specification
    }

    static func parsing(_ text: String) -> LinkSpecification {
        do {
            return try LinkSpecification(parsing: text)
        } catch {
            preconditionFailure("'\(text)': \(error)")
        }
    }
}
