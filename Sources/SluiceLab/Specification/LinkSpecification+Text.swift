// A link as text: `rate=50mbit,delay=10ms,queue=200ms`, and back.

extension LinkSpecification {
    /// Reads a profile's name, settings, or both: `dsl-bloated,down.rate=20mbit`. See `docs/lab.md` for the grammar.
    public init(parsing text: String) throws(LinkSpecificationError) {
        self.init()
        for (index, part) in Self.parts(text).enumerated() {
            if index == 0, !part.contains("=") {
                self = try Self.profile(part)
            } else {
                try read(part)
            }
        }
    }

    /// Commas separate settings, and also what belongs to `loss=ge:` and `aqm=codel:`. Their names are used nowhere else, so
    /// a part that starts with one of them belongs to the part before it.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let name = piece.prefix { $0 != "=" }
            if !parts.isEmpty, ["p", "r", "bad", "good", "target", "interval"].contains(name) {
                parts[parts.count - 1] += "," + piece
            } else {
                parts.append(piece)
            }
        }
        return parts
    }

    private static func profile(_ name: String) throws(LinkSpecificationError) -> LinkSpecification {
        guard let profile = LinkProfile.named(name) else {
            throw LinkSpecificationError(
                part: name,
                problem: "there is no such profile",
                allowed:
                    "\(LinkProfile.all.map(\.name).joined(separator: ", ")), or settings as in rate=50mbit,delay=10ms"
            )
        }
        return profile.specification
    }

    private mutating func read(_ part: String) throws(LinkSpecificationError) {
        guard let equals = part.firstIndex(of: "=") else { throw SettingReader.unknownKey(in: part) }
        let value = String(part[part.index(after: equals)...])
        switch part[..<equals] {
        case "at": try readChange(value, part)
        case "seed":
            guard let seed = UInt64(value) else {
                throw LinkSpecificationError(part: part, problem: "no seed", allowed: "a whole number from 0")
            }
            self.seed = seed
        default:
            let setting = try SettingReader(part)
            for direction in setting.directions { try setting.apply(to: &self[direction]) }
        }
    }

    private mutating func readChange(_ text: String, _ part: String) throws(LinkSpecificationError) {
        let pieces = text.split(separator: ":", maxSplits: 1)
        guard pieces.count == 2, let time = Quantity.time(pieces[0]) else {
            throw LinkSpecificationError(
                part: part,
                problem: "no time, or nothing to change",
                allowed: "at=10s:rate=20mbit, at=10s:up.delay=5ms"
            )
        }
        let setting = try SettingReader(String(pieces[1]))
        let change = LinkChange(time: time, directions: setting.directions, setting: try setting.change())
        // Stable: two changes at the same time happen in the order of the text.
        changes.insert(change, at: changes.firstIndex { $0.time > time } ?? changes.count)
    }
}

extension LinkSpecification: CustomStringConvertible {
    /// Reads back as exactly this link.
    public var description: String {
        let up = up.settings
        let down = down.settings
        var parts: [String] = []
        for ((key, upValue), (_, downValue)) in zip(up, down) {
            parts +=
                upValue == downValue
                ? ["\(key)=\(upValue)"] : ["up.\(key)=\(upValue)", "down.\(key)=\(downValue)"]
        }
        parts += changes.map(\.text)
        if seed != 1 { parts.append("seed=\(seed)") }
        return parts.joined(separator: ",")
    }
}

extension LinkChange {
    fileprivate var text: String {
        let prefix = directions.count == 1 ? "\(directions.first?.rawValue ?? "")." : ""
        let (key, value) = setting.text
        return "at=\(Quantity.timeText(time)):\(prefix)\(key)=\(value)"
    }
}

extension LinkSetting {
    fileprivate var text: (key: String, value: String) {
        switch self {
        case .capacity(let capacity): ("rate", capacity.text)
        case .delay(let delay): ("delay", Quantity.timeText(delay))
        case .queue(let queue): ("queue", queue.text)
        case .jitter(let jitter): ("jitter", jitter.text)
        case .loss(let loss): ("loss", loss.text)
        }
    }
}

extension DirectionSpecification {
    /// Always the same keys in the same order: `rate` stands for a trace too, written `rate=trace:FILE`.
    fileprivate var settings: [(key: String, value: String)] {
        [
            ("rate", capacity.text), ("delay", Quantity.timeText(delay)), ("queue", queue.text),
            ("aqm", discipline.text), ("jitter", jitter.text), ("loss", loss.text),
        ]
    }
}

extension LinkCapacity {
    var text: String {
        switch self {
        case .unlimited: "unlimited"
        case .bitsPerSecond(let rate): Quantity.rateText(rate)
        case .trace(let path): "trace:\(path)"
        }
    }
}

extension QueueLimit {
    var text: String {
        switch self {
        case .bytes(let bytes): Quantity.sizeText(bytes)
        case .time(let time): Quantity.timeText(time)
        case .bandwidthDelayProducts(let count): "\(Quantity.plain(count))bdp"
        }
    }
}

extension QueueDiscipline {
    var text: String {
        switch self {
        case .dropTail: "droptail"
        case .standardCoDel: "codel"
        case .coDel(let target, let interval):
            "codel:target=\(Quantity.timeText(target)),interval=\(Quantity.timeText(interval))"
        }
    }
}

extension Jitter {
    var text: String {
        switch self {
        case .none: "none"
        case .ordered(let amplitude): Quantity.timeText(amplitude)
        case .reordering(let amplitude): Quantity.timeText(amplitude) + ":reorder"
        }
    }
}

extension PacketLoss {
    var text: String {
        switch self {
        case .none: return "none"
        case .random(let probability): return Quantity.probabilityText(probability)
        case .gilbertElliott(let toBad, let toGood, let lossInBad, let lossInGood):
            let values = [("p", toBad), ("r", toGood), ("bad", lossInBad), ("good", lossInGood)]
            return "ge:" + values.map { "\($0)=\(Quantity.probabilityText($1))" }.joined(separator: ",")
        }
    }
}
