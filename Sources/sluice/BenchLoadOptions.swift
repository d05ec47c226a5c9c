import ArgumentParser
import SluiceBench
import SluiceConfig

/// The options that make a plan. Names and letters are iperf3's where it has them.
struct BenchLoadOptions: ParsableArguments {
    @Option(help: "What to measure: stream, rr, tokens, mixed, freshness or connect.")
    var mode = BenchMode.stream

    @Option(
        name: .shortAndLong,
        help: "Length of the run: \(SecondsText.allowed). Default: 10.",
        transform: SecondsText.init(parsing:)
    )
    var time: SecondsText?

    @Option(
        name: [.customShort("n"), .long],
        help: "How much to send, in place of --time: \(SizeText.forms).",
        transform: SizeText.init(parsing:)
    )
    var bytes: SizeText?

    @Option(
        help: "How long receivers wait at the end for what is still on its way. Default: 10.",
        transform: SecondsText.init(parsing:)
    )
    var drain: SecondsText?

    @Option(
        name: .shortAndLong,
        help: "Time between two lines.",
        transform: SecondsText.init(parsing:)
    )
    var interval: SecondsText?

    @Option(
        name: [.customShort("P"), .long],
        help: "Connections: of the bulk, or in rr, tokens and connect of those."
    )
    var parallel = 1

    @Flag(name: [.customShort("R"), .long], help: "The server sends the bulk.")
    var reverse = false

    @Flag(help: "Both send bulk.")
    var bidir = false

    @Option(
        name: [.customShort("b"), .long],
        help: "Rate of the bulk of each direction: \(RateText.allowed).",
        transform: RateText.init(parsing:)
    )
    var bitrate: RateText?

    @Option(
        name: .shortAndLong,
        help: "Bytes of one write; of one datum in freshness. Default: 128K, and 1K in freshness.",
        transform: SizeText.init(parsing:)
    )
    var length: SizeText?

    @Option(help: "rr: bytes of a request. Default: 128.", transform: SizeText.init(parsing:))
    var requestSize: SizeText?

    @Option(help: "rr: bytes of a response. Default: 128.", transform: SizeText.init(parsing:))
    var responseSize: SizeText?

    @Option(
        help: "rr: requests per second, sent when they are due. Default: the next one after each response."
    )
    var rate: Double?

    @Option(help: "tokens: tokens in one stream. Default: 64.")
    var tokens: Int?

    @Option(help: "tokens: bytes of one token. Default: 96.", transform: SizeText.init(parsing:))
    var tokenSize: SizeText?

    @Option(help: "tokens: tokens per second of one stream. Default: 50.")
    var tokenRate: Double?

    @Option(
        help: "tokens: a gap of this length is a stall. Default: 200ms.",
        transform: SecondsText.init(parsing:)
    )
    var stall: SecondsText?

    @Option(help: "mixed: what runs beside the bulk, rr or tokens.")
    var probe = ProbeKind.rr

    @Option(help: "mixed: connections of the probe.")
    var probes = 1

    @Option(help: "Makes drawn gaps repeatable.")
    var seed: UInt64 = 1

    @Option(name: [.customShort("C"), .long], help: "Congestion control of all connections, on both sides.")
    var congestion: String?

    @Option(
        help: "TCP_NOTSENT_LOWAT of the sockets that send bulk. Default: the system's, and 1 in freshness.",
        transform: SizeText.init(parsing:)
    )
    var notsentLowat: SizeText?

    func validate() throws {
        guard !(reverse && bidir) else { throw ValidationError("--reverse and --bidir exclude each other") }
        guard time == nil || bytes == nil else {
            throw ValidationError("--time and --bytes exclude each other")
        }
        do throws(PlanProblem) {
            try plan.validate()
        } catch {
            throw ValidationError(error.description)
        }
    }

    var plan: BenchPlan {
        var plan = BenchPlan(mode: mode, seconds: bytes == nil ? time?.seconds ?? 10 : nil)
        plan.bytes = bytes.map { UInt64($0.bytes) }
        plan.drainSeconds = drain?.seconds ?? plan.drainSeconds
        plan.interval = interval?.seconds ?? plan.interval
        plan.parallel = parallel
        plan.directions = bidir ? [.upstream, .downstream] : reverse ? [.downstream] : [.upstream]
        plan.bitsPerSecond = bitrate?.bitsPerSecond
        plan.blockBytes = length?.bytes ?? plan.blockBytes
        plan.request.requestBytes = requestSize?.bytes ?? plan.request.requestBytes
        plan.request.responseBytes = responseSize?.bytes ?? plan.request.responseBytes
        plan.request.perSecond = rate
        plan.tokens.count = tokens ?? plan.tokens.count
        plan.tokens.bytes = tokenSize?.bytes ?? plan.tokens.bytes
        plan.tokens.perSecond = tokenRate ?? plan.tokens.perSecond
        plan.tokens.stallSeconds = stall?.seconds ?? plan.tokens.stallSeconds
        plan.probe = probe
        plan.probes = probes
        plan.seed = seed
        plan.congestionControl = congestion
        plan.notSentLowat = notsentLowat?.bytes ?? plan.notSentLowat
        return plan
    }
}

extension SizeText {
    /// For help texts.
    fileprivate static let forms = SizeTextError.allowed
}
