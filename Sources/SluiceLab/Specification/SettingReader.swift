/// One `key=value` of a link's text, for one direction or both.
struct SettingReader {
    let part: String
    let directions: Set<LinkDirection>
    private let key: String
    private let value: String

    private static let keys = ["rate", "delay", "queue", "aqm", "jitter", "loss", "trace"]

    static func unknownKey(in part: String) -> LinkSpecificationError {
        LinkSpecificationError(
            part: part,
            problem: "there is no such setting",
            allowed:
                "\(keys.joined(separator: "=, "))=, each also with up. or down. in front; at=TIME:KEY=VALUE, seed="
        )
    }

    /// Splits the text; the value is read later.
    init(_ part: String) throws(LinkSpecificationError) {
        let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        var key = String(halves[0])
        var directions = Set(LinkDirection.allCases)
        for direction in LinkDirection.allCases where key.hasPrefix(direction.rawValue + ".") {
            directions = [direction]
            key.removeFirst(direction.rawValue.count + 1)
        }
        guard halves.count == 2, Self.keys.contains(key) else { throw Self.unknownKey(in: part) }
        self.part = part
        self.directions = directions
        self.key = key
        self.value = String(halves[1])
    }

    func apply(to direction: inout DirectionSpecification) throws(LinkSpecificationError) {
        switch key {
        case "rate", "trace": direction.capacity = try capacity()
        case "delay": direction.delay = try time()
        case "queue": direction.queue = try queue()
        case "aqm": direction.discipline = try discipline()
        case "jitter": direction.jitter = try jitter()
        default: direction.loss = try loss()
        }
    }

    func change() throws(LinkSpecificationError) -> LinkSetting {
        switch key {
        case "rate":
            let capacity = try capacity()
            if case .trace = capacity { throw fault("a trace cannot start later", Quantity.rateForms) }
            return .capacity(capacity)
        case "delay": return .delay(try time())
        case "queue": return .queue(try queue())
        case "jitter": return .jitter(try jitter())
        case "loss": return .loss(try loss())
        default:
            throw fault("this does not change while the link runs", "rate=, delay=, queue=, jitter=, loss=")
        }
    }

    private func capacity() throws(LinkSpecificationError) -> LinkCapacity {
        if key == "trace" || value.hasPrefix("trace:") {
            let path = key == "trace" ? value : String(value.dropFirst("trace:".count))
            if path.isEmpty {
                throw fault("no file", "trace=FILE, in mahimahi's format; no comma in its name")
            }
            return .trace(path: path)
        }
        if value == "unlimited" { return .unlimited }
        guard let rate = Quantity.bitsPerSecond(value) else { throw fault("no rate", Quantity.rateForms) }
        return .bitsPerSecond(rate)
    }

    private func time() throws(LinkSpecificationError) -> Duration {
        guard let time = Quantity.time(value) else { throw fault("no time", Quantity.timeForms) }
        return time
    }

    private func queue() throws(LinkSpecificationError) -> QueueLimit {
        let forms = "\(Quantity.sizeForms), a time as in 200ms, or 1.5bdp"
        if value.hasSuffix("bdp") {
            guard let count = Quantity.number(value.dropLast(3)) else {
                throw fault("no number of BDPs", forms)
            }
            return .bandwidthDelayProducts(count)
        }
        if let time = Quantity.time(value) { return .time(time) }
        guard let bytes = Quantity.bytes(value) else { throw fault("no length of a queue", forms) }
        return .bytes(bytes)
    }

    private func discipline() throws(LinkSpecificationError) -> QueueDiscipline {
        let forms = "droptail, codel, codel:target=5ms,interval=100ms"
        if value == "droptail" { return .dropTail }
        guard value == "codel" || value.hasPrefix("codel:") else { throw fault("no discipline", forms) }
        let options = try options(after: "codel:", names: ["target", "interval"], forms)
        guard let target = Quantity.time(options["target"] ?? "5ms"),
            let interval = Quantity.time(options["interval"] ?? "100ms"), interval > .zero
        else { throw fault("no times for CoDel", forms) }
        return .coDel(target: target, interval: interval)
    }

    private func jitter() throws(LinkSpecificationError) -> Jitter {
        let forms = "none, \(Quantity.timeForms), and :reorder behind it where packets may overtake"
        if value == "none" { return .none }
        let pieces = value.split(separator: ":", omittingEmptySubsequences: false)
        guard pieces.count <= 2, pieces.count == 1 || pieces[1] == "reorder",
            let time = Quantity.time(pieces[0])
        else { throw fault("no jitter", forms) }
        if time == .zero { return .none }
        return pieces.count == 2 ? .reordering(amplitude: time) : .ordered(amplitude: time)
    }

    private func loss() throws(LinkSpecificationError) -> PacketLoss {
        let forms = "none, \(Quantity.probabilityForms), or ge:p=1%,r=30%,bad=100%,good=0%"
        if value == "none" { return .none }
        guard value.hasPrefix("ge:") else {
            guard let probability = Quantity.probability(value) else { throw fault("no loss", forms) }
            return probability == 0 ? .none : .random(probability)
        }
        let options = try options(after: "ge:", names: ["p", "r", "bad", "good"], forms)
        guard let toBad = options["p"].flatMap(Quantity.probability),
            let toGood = options["r"].flatMap(Quantity.probability),
            let bad = Quantity.probability(options["bad"] ?? "1"),
            let good = Quantity.probability(options["good"] ?? "0")
        else { throw fault("p or r is missing, or one of the four is no probability", forms) }
        return .gilbertElliott(toBad: toBad, toGood: toGood, lossInBad: bad, lossInGood: good)
    }

    /// `name=value` pairs behind a prefix. A name that is not in `names` is an error, as is one twice.
    private func options(
        after prefix: String,
        names: [String],
        _ forms: String
    ) throws(LinkSpecificationError) -> [String: String] {
        var options: [String: String] = [:]
        for piece in value.dropFirst(prefix.count).split(separator: ",") {
            let halves = piece.split(separator: "=", maxSplits: 1).map(String.init)
            guard halves.count == 2, names.contains(halves[0]), options[halves[0]] == nil else {
                throw fault("'\(piece)' is unknown here, or there twice", forms)
            }
            options[halves[0]] = halves[1]
        }
        return options
    }

    private func fault(_ problem: String, _ allowed: String) -> LinkSpecificationError {
        LinkSpecificationError(part: part, problem: problem, allowed: allowed)
    }
}
