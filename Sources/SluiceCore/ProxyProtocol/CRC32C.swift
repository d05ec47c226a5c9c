/// The checksum of PROXY headers: CRC-32C (Castagnoli), bit by bit as in RFC 4960, Appendix B, here a byte at a time.
struct CRC32C {
    private var state: UInt32 = ~0

    var value: UInt32 { ~state }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { take(byte) }
    }

    mutating func updateZeros(_ count: Int) {
        for _ in 0..<count { take(0) }
    }

    private mutating func take(_ byte: UInt8) {
        state = state >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
    }

    /// The polynomial 0x1EDC6F41, reflected.
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 0 ? remainder >> 1 : remainder >> 1 ^ 0x82F6_3B78
        }
    }
}
