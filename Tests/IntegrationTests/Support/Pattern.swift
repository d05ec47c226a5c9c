import Foundation
import SluiceRandom

/// An endless stream of random bytes that can be produced and checked at any offset with `memcmp`, which is fast
/// enough for gigabytes in a debug build and, unlike a checksum, names the first byte that is wrong.
///
/// The stream repeats after `period` bytes. The period is odd, so no mistake in a buffer whose size is a power of two
/// can shift it onto itself.
struct Pattern: Sendable {
    /// The most that one call may ask for.
    static let chunkCeiling = 256 << 10
    private static let period = (1 << 20) + 7

    /// One period, and its beginning once more, so that every chunk is contiguous.
    private static let block: [UInt8] = {
        var generator = SplitMix64(seed: 0x736C_7569_6365)
        let words = (0..<period / 8 + 1).map { _ in generator.next() }
        let once = words.withUnsafeBytes { Array($0.prefix(period)) }
        return once + once.prefix(chunkCeiling)
    }()

    private let start: Int

    /// Streams of different seeds begin at different places.
    init(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        start = Int.random(in: 0..<Self.period, using: &generator)
    }

    /// Hands `count` bytes from `offset` on to `body`, without a copy.
    func withBytes<Result>(
        at offset: Int,
        count: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        precondition(count <= Self.chunkCeiling)
        let first = (start + offset) % Self.period
        return try Self.block.withUnsafeBytes {
            try body(UnsafeRawBufferPointer(rebasing: $0[first..<first + count]))
        }
    }

    /// Throws `PatternMismatch` unless `bytes` are what stands at `offset`.
    func check(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var checked = 0
        while checked < bytes.count {
            let count = min(Self.chunkCeiling, bytes.count - checked)
            try withBytes(at: offset + checked, count: count) { expected in
                guard memcmp(expected.baseAddress!, bytes.baseAddress! + checked, count) != 0 else { return }
                let first = (0..<count).first { expected[$0] != bytes[checked + $0] }!
                throw PatternMismatch(offset: offset + checked + first)
            }
            checked += count
        }
    }
}

/// The bytes that arrived are not the ones that were sent.
struct PatternMismatch: Error, CustomStringConvertible {
    let offset: Int
    var description: String { "the byte at offset \(offset) is not the one that was sent" }
}
