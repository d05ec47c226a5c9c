// Sizes as an operator writes them.

/// A number of bytes, written plainly or with K, M or G: 1024, 1024² and 1024³ bytes, in either case.
struct ByteSize: Equatable {
    let bytes: Int

    /// - Returns: nil for anything but digits and one optional unit, and for what does not fit an `Int`.
    init?(_ text: String) {
        let shift: Int
        switch text.last {
        case "K", "k": shift = 10
        case "M", "m": shift = 20
        case "G", "g": shift = 30
        default: shift = 0
        }
        let digits = shift == 0 ? text[...] : text.dropLast()
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int(digits) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        self.bytes = bytes
    }
}
