import Glibc
import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct BufferPoolTests {
    @Test func aSizeClassIsTheSmallestThatHoldsItsBytes() {
        var random = SplitMix64(seed: 1)
        let edges = (12...30).flatMap { [1 << $0 - 1, 1 << $0, 1 << $0 + 1] }
        for bytes in edges + (0..<500).map({ _ in Int.random(in: 0...(1 << 30), using: &random) }) {
            let index = BufferPool.sizeClass(holding: bytes)
            #expect(BufferPool.bytes(ofClass: index) >= bytes)
            #expect(index == 0 || BufferPool.bytes(ofClass: index - 1) < bytes)
        }
    }

    /// Whatever is done in whatever order: the budget holds, leases hold what was asked at most and share no byte.
    @Test(arguments: 0..<100)
    func randomUseKeepsTheBudgetAndTheBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let budget = MemoryBudget(ceiling: .random(in: 1...(2 << 20), using: &random))
        do {
            let pool = BufferPool(budget: budget)
            var leases: [MarkedLease] = []
            for step in 0..<300 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<5:
                    let wanted = 1 << Int.random(in: 0...20, using: &random)
                    guard let lease = pool.lease(wanted) else { break }
                    #expect((1...wanted).contains(lease.capacity))
                    leases.append(MarkedLease(lease, mark: UInt8(truncatingIfNeeded: step), &random))
                case 5..<8 where !leases.isEmpty:
                    pool.release(leases.remove(at: .random(in: leases.indices, using: &random)).buffer)
                case 8 where !leases.isEmpty:
                    let index = Int.random(in: leases.indices, using: &random)
                    leases[index].buffer = pool.compact(leases[index].buffer)
                case 9:
                    pool.trim()
                default: break
                }
                #expect(budget.used <= budget.ceiling)
                #expect(pool.mappedBytes == budget.used)
                #expect(leases.map(\.classBytes).reduce(0, +) <= pool.mappedBytes)
            }
            #expect(leases.allSatisfy { $0.isIntact })
            for lease in leases { pool.release(lease.buffer) }
        }
        #expect(budget.used == 0)
    }

    @Test func poolsOnSeveralThreadsShareOneBudget() {
        let budget = MemoryBudget(ceiling: 3 << 20)
        let excesses = Locked(0)
        let threads = TestThreads(4) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            let pool = BufferPool(budget: budget)
            var leases: [RelayBuffer] = []
            for _ in 0..<3000 {
                if Bool.random(using: &random) {
                    if let lease = pool.lease(.random(in: 1...(1 << 20), using: &random)) {
                        leases.append(lease)
                    }
                } else if let lease = leases.popLast() {
                    pool.release(lease)
                }
                if budget.used > budget.ceiling { excesses.withLock { $0 += 1 } }
                if Int.random(in: 0..<100, using: &random) == 0 { pool.trim() }
            }
            for lease in leases { pool.release(lease) }
        }
        threads.join()
        #expect(excesses.withLock { $0 } == 0)
        #expect(budget.used == 0)
    }

    @Test func towardsTheCeilingLeasesGetSmallerThenNoneThenRecover() {
        let budget = MemoryBudget(ceiling: 1 << 20)
        let pool = BufferPool(budget: budget)
        var leases: [RelayBuffer] = []
        while let lease = pool.lease(256 << 10) { leases.append(lease) }
        let capacities = leases.map(\.capacity)
        #expect(capacities == capacities.sorted(by: >))
        #expect(capacities.first! > capacities.last!)
        #expect(capacities.last == BufferPool.smallestBytes)
        #expect(pool.lease(1)?.capacity == nil)

        pool.release(leases.removeLast())
        let again = pool.lease(256 << 10)
        #expect(again?.capacity == BufferPool.smallestBytes)
        for lease in leases + [again!] { pool.release(lease) }
        let recovered = pool.lease(100 << 10)
        #expect(recovered?.capacity == 100 << 10)
        pool.release(recovered!)
    }

    /// What docs/OPERATING.md says of the order in which things give way.
    @Test func memoryGivesWayStepByStep() {
        let budget = MemoryBudget(ceiling: 128 << 10)
        let pool = BufferPool(budget: budget)
        func pressure(_ step: MemoryPressure) -> UInt64 { pool.pressure[step.index] }
        var leases: [RelayBuffer] = []
        while let lease = pool.lease(16 << 10) {
            leases.append(lease)
            let short = leases.filter { $0.capacity < 16 << 10 }
            #expect(pressure(.shortLease) == UInt64(short.count))
            #expect(pressure(.noLease) == 0)
        }
        #expect(leases[0].capacity == 16 << 10 && leases.last!.capacity < 16 << 10)
        #expect(pressure(.noLease) == 1)
        #expect(pressure(.reclaimed) == 0, "nothing was free")
        // A free buffer is in the way of one of another size, and goes.
        pool.release(leases.removeFirst())
        #expect(budget.reserve(budget.ceiling - budget.used))
        leases.append(pool.lease(4096)!)
        #expect(pressure(.reclaimed) == 1 && pressure(.noLease) == 1)
        for lease in leases { pool.release(lease) }
    }

    @Test func freeBuffersOfOtherSizesMakeRoom() {
        let budget = MemoryBudget(ceiling: 64 << 10)
        let pool = BufferPool(budget: budget)
        let small = (0..<16).compactMap { _ in pool.lease(4096) }
        #expect(small.count == 16 && budget.used == budget.ceiling)
        for lease in small { pool.release(lease) }
        // All is mapped, and free, in buffers that are too small: nothing stands in the way of one that fits.
        let large = pool.lease(8 << 10)
        #expect(large?.capacity == 4096, "scarce memory comes in small pieces")
        pool.trim()
        pool.release(large!)
        pool.trim()
        pool.trim()
        #expect(budget.used == 0)
        let recovered = pool.lease(8 << 10)
        #expect(recovered?.capacity == 8 << 10)
        pool.release(recovered!)
    }

    @Test func compactKeepsTheBytesAndGivesMemoryBack() {
        let budget = MemoryBudget(ceiling: 16 << 20)
        let pool = BufferPool(budget: budget)
        var random = SplitMix64(seed: 7)
        let bytes = (0..<(256 << 10)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        for _ in 0..<300 {
            let size = Int.random(in: 1...bytes.count, using: &random)
            var lease = pool.lease(size)!
            lease.base.copyMemory(from: bytes, byteCount: size)
            lease.filled(size)
            let written = Int.random(in: 0..<size, using: &random)
            lease.written(written)
            let compacted = pool.compact(lease)
            #expect(compacted.count == size - written)
            #expect(
                bytes.withUnsafeBytes {
                    memcmp($0.baseAddress! + written, compacted.unwritten, compacted.count)
                } == 0
            )
            let classBytes = BufferPool.bytes(ofClass: compacted.sizeClass)
            // What may stay is less than four times what is needed.
            #expect(classBytes < 4 * max(compacted.count, BufferPool.smallestBytes))
            pool.trim()
            pool.trim()
            #expect(budget.used == classBytes)
            pool.release(compacted)
        }
    }

    @Test func aFullBudgetLeavesALeaseAsItIs() {
        let budget = MemoryBudget(ceiling: 64 << 10)
        let pool = BufferPool(budget: budget)
        var lease = pool.lease(8 << 10)!
        _ = budget.reserve(budget.ceiling - budget.used)
        lease.filled(4096)
        #expect(pool.compact(lease).base == lease.base)
        pool.release(lease)
    }

    @Test func trimGivesBackWhatWasIdleAndKeepsWhatWasUsed() {
        let budget = MemoryBudget(ceiling: 16 << 20)
        let pool = BufferPool(budget: budget)
        let size = 64 << 10
        let leases = (0..<4).map { _ in pool.lease(size)! }
        for lease in leases { pool.release(lease) }
        pool.trim()
        #expect(budget.used == 4 * size, "all four were in use since the last call")
        pool.release(pool.lease(size)!)
        pool.trim()
        #expect(budget.used == size, "three were not")
        pool.trim()
        #expect(budget.used == 0)
    }

    @Test func whatGaveWayToAnotherSizeIsNotTrimmedASecondTime() {
        let budget = MemoryBudget(ceiling: 1 << 20)
        let pool = BufferPool(budget: budget)
        pool.release(pool.lease(32 << 10)!)
        pool.trim()
        // Other pools take the rest, so the next size needs the free buffer's place.
        #expect(budget.reserve(budget.ceiling - budget.used))
        pool.release(pool.lease(4096)!)
        #expect(pool.mappedBytes == 4096)
        pool.trim()
        #expect(pool.mappedBytes == 4096, "it was in use since the last call")
        budget.release((1 << 20) - (32 << 10))
    }
}

/// A lease whose unwritten bytes all carry one mark.
private struct MarkedLease {
    var buffer: RelayBuffer
    private let mark: UInt8

    init(_ lease: RelayBuffer, mark: UInt8, _ random: inout SplitMix64) {
        buffer = lease
        self.mark = mark
        memset(lease.base, Int32(mark), lease.capacity)
        buffer.filled(lease.capacity)
        buffer.written(.random(in: 0..<lease.capacity, using: &random))
    }

    var classBytes: Int { BufferPool.bytes(ofClass: buffer.sizeClass) }

    var isIntact: Bool {
        UnsafeRawBufferPointer(start: buffer.unwritten, count: buffer.count).allSatisfy { $0 == mark }
    }
}
