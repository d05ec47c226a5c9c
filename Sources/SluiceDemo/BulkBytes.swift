// Bulk content for `GET /bytes`: as much as is asked for, the same for the same seed, never held whole.

import FlyingFox
import FlyingSocks
import SluiceRandom

/// `size` pseudo-random bytes: the outputs of SplitMix64 from `seed`, each as eight little-endian bytes.
struct BulkBytes: AsyncBufferedSequence {
    typealias Element = UInt8

    /// The bytes of one write. Large enough that system calls do not bound a loopback transfer.
    static let bufferSize = 256 << 10
    /// What `size` may be. A ceiling, so that a mistyped request ends some day.
    static let allowedSizes: ClosedRange<Int> = 0...(100 << 30)
    private static let defaultSize = 1 << 20

    let size: Int
    let seed: UInt64

    init(size: Int, seed: UInt64) {
        self.size = size
        self.seed = seed
    }

    /// Reads `size` (bytes, or with K, M or G) and `seed` from a request's query.
    init(query: [HTTPRequest.QueryItem]) throws(RequestError) {
        var size = Self.defaultSize
        if let text = query["size"] {
            guard let parsed = ByteSize(text)?.bytes, Self.allowedSizes.contains(parsed) else {
                throw RequestError(message: "size '\(text)': expected 0 to 100G, such as 4096, 64K or 100M")
            }
            size = parsed
        }
        var seed: UInt64 = 0
        if let text = query["seed"] {
            guard let parsed = UInt64(text) else {
                throw RequestError(message: "seed '\(text)': expected a whole number from 0 to \(UInt64.max)")
            }
            seed = parsed
        }
        self.init(size: size, seed: seed)
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(remaining: size, words: SplitMix64(seed: seed))
    }

    struct Iterator: BufferIterator {
        /// Bytes still to be made.
        var remaining: Int
        var words: SplitMix64

        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            // A client that reads as fast as this writes never makes the server wait, so a stop shows only
            // here.
            try Task.checkCancellation()
            guard remaining > 0 else { return nil }
            // Buffers hold whole words, so that their size does not change the content.
            let length = Swift.min(Swift.max(count & ~7, 8), remaining)
            remaining -= length
            return makeBytes(count: length)
        }

        private mutating func makeBytes(count: Int) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                let whole = count & ~7
                for offset in stride(from: 0, to: whole, by: 8) {
                    bytes.storeBytes(of: words.next().littleEndian, toByteOffset: offset, as: UInt64.self)
                }
                if whole < count {
                    withUnsafeBytes(of: words.next().littleEndian) { word in
                        bytes[whole...].copyBytes(from: word.prefix(count - whole))
                    }
                }
                initializedCount = count
            }
        }
    }
}
