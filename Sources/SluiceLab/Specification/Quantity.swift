// Numbers with units, read and written. Each writer gives the shortest text that its reader turns into the same value.

enum Quantity {
    static let rateForms =
        "a rate above 0 as in 512kbit, 50mbit or 1.5gbit (bits per second, units of 1000), or unlimited"
    static let timeForms = "a time as in 250us, 1.5ms or 2s"
    static let sizeForms = "a size as in 64KB or 1MB (units of 1024)"
    static let probabilityForms = "a probability as in 0.5% or 0.005"

    /// Up to 1 Tbit/s.
    static func bitsPerSecond(_ text: some StringProtocol) -> Int? {
        let units = [("gbit", 1e9), ("mbit", 1e6), ("kbit", 1e3), ("bit", 1.0)]
        return scaled(text, units, most: 1e12).flatMap { $0 > 0 ? $0 : nil }
    }

    static func rateText(_ bitsPerSecond: Int) -> String {
        largestUnit(
            bitsPerSecond,
            [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1000), ("bit", 1)]
        )
    }

    /// Up to a day, in whole nanoseconds.
    static func time(_ text: some StringProtocol) -> Duration? {
        let units = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)]
        return scaled(text, units, most: 86_400e9).map { .nanoseconds($0) }
    }

    static func timeText(_ time: Duration) -> String {
        largestUnit(time.nanoseconds, [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1)])
    }

    /// Up to 1 TiB.
    static func bytes(_ text: some StringProtocol) -> Int? {
        let units = [
            ("GB", 0x1p30), ("MB", 0x1p20), ("KB", 0x1p10), ("G", 0x1p30), ("M", 0x1p20), ("K", 0x1p10),
            ("B", 1.0),
        ]
        return scaled(text, units, most: 0x1p40)
    }

    static func sizeText(_ bytes: Int) -> String {
        largestUnit(bytes, [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)])
    }

    static func probability(_ text: some StringProtocol) -> Double? {
        let value = text.hasSuffix("%") ? number(text.dropLast()).map { $0 / 100 } : number(text)
        return value.flatMap { (0...1).contains($0) ? $0 : nil }
    }

    static func probabilityText(_ probability: Double) -> String {
        let percent = plain(probability * 100)
        return number(percent).map { $0 / 100 } == probability ? percent + "%" : "\(probability)"
    }

    /// A number that is not negative, in decimal digits: no sign, no hexadecimal, no infinity.
    static func number(_ text: some StringProtocol) -> Double? {
        guard text.first?.isNumber == true, text.allSatisfy({ "0123456789.e-".contains($0) }) else {
            return nil
        }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// `2` and not `2.0`.
    static func plain(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The first unit that the text ends in, with a number before it; rounded.
    private static func scaled(_ text: some StringProtocol, _ units: [(String, Double)], most: Double) -> Int?
    {
        guard let (unit, factor) = units.first(where: { text.lowercased().hasSuffix($0.0.lowercased()) }),
            let count = number(text.dropLast(unit.count)), count * factor <= most
        else { return nil }
        return Int((count * factor).rounded())
    }

    private static func largestUnit(_ value: Int, _ units: [(String, Int)]) -> String {
        for (unit, factor) in units where value >= factor && value % factor == 0 {
            return "\(value / factor)\(unit)"
        }
        return "\(value)\(units.last?.0 ?? "")"
    }
}

extension Duration {
    /// Whole nanoseconds, as the model counts time. Fractions of one are dropped.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
