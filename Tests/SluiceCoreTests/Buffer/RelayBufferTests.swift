import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct RelayBufferTests {
    @Test func itHoldsWhatWasReadAndNotYetWritten() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 16)
        defer { memory.deallocate() }
        var random = SplitMix64(seed: 3)
        for _ in 0..<200 {
            var buffer = RelayBuffer(base: memory, capacity: 3000, sizeClass: 0)
            #expect(buffer.isEmpty && buffer.count == 0)
            var (filled, written) = (0, 0)
            for _ in 0..<20 {
                let more = Int.random(in: 0...(3000 - filled), using: &random)
                buffer.filled(more)
                filled += more
                let less = Int.random(in: 0...(filled - written), using: &random)
                buffer.written(less)
                written += less
                #expect(buffer.count == filled - written)
                #expect(buffer.isEmpty == (filled == written))
                #expect(buffer.unwritten == UnsafeRawPointer(memory + written))
            }
        }
    }
}
