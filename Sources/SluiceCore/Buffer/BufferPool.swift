import Glibc

/// Relay buffers of one loop: leased for the moment between a read and its write, kept by a connection only while its
/// sink is slower than its source.
///
/// Sizes are powers of two. What comes back is handed out again, last in, first out, so that a busy loop works in a few
/// buffers that stay in the processor's cache. Every byte counts against the process's `MemoryBudget` from the moment it
/// is mapped until it is unmapped, whether leased or kept.
///
/// Thread: its loop's.
final class BufferPool {
    static let smallestBytes = 4096
    /// Free memory kept for reuse between trims.
    private static let keptBytes = 4 << 20
    /// A new buffer takes at most this part of what the budget has left: as memory gets scarce, buffers get smaller
    /// first, and there is one for everybody for longer.
    private static let scarcityDivisor = 8

    private let budget: MemoryBudget
    private var free: [[UnsafeMutableRawPointer]]
    private var freeBytes = 0
    /// The fewest free bytes since the last trim: what nobody needed for a whole interval.
    private var idleBytes = 0
    /// Bytes mapped, leased or free.
    private(set) var mappedBytes = 0
    /// What gave way so far, and how often: indexed as `MemoryPressure.allCases`.
    private(set) var pressure = [UInt64](repeating: 0, count: MemoryPressure.allCases.count)

    init(budget: MemoryBudget) {
        self.budget = budget
        let classes = Self.sizeClass(holding: budget.ceiling) + 1
        free = (0..<classes).map { _ in [] }
        for index in free.indices { free[index].reserveCapacity(16) }
    }

    deinit {
        trim(to: 0)
        assert(mappedBytes == 0, "a lease outlived its pool")
    }

    /// A buffer for up to `bytes`, or for less when memory is scarce, or `nil` when there is none at all: the caller
    /// then relays without one.
    func lease(_ bytes: Int) -> RelayBuffer? {
        let wanted = min(
            bytes,
            max(Self.smallestBytes, (budget.ceiling - budget.used) / Self.scarcityDivisor)
        )
        // What is free already costs nothing, however scarce the rest.
        if let buffer = takeFree(Self.sizeClass(holding: bytes), capacity: bytes) { return buffer }
        var index = Self.sizeClass(holding: wanted)
        while index >= 0 {
            let capacity = min(bytes, Self.bytes(ofClass: index))
            if let buffer = takeFree(index, capacity: capacity) ?? mapped(index, capacity: capacity) {
                if capacity < bytes { note(.shortLease) }
                return buffer
            }
            index -= 1
        }
        note(.noLease)
        return nil
    }

    private func mapped(_ index: Int, capacity: Int) -> RelayBuffer? {
        guard let memory = map(Self.bytes(ofClass: index)) else { return nil }
        return RelayBuffer(base: memory, capacity: capacity, sizeClass: index)
    }

    private func note(_ step: MemoryPressure) { pressure[step.index] += 1 }

    /// Takes a lease back. The caller must not use it any more.
    func release(_ buffer: RelayBuffer) {
        let size = Self.bytes(ofClass: buffer.sizeClass)
        guard freeBytes + size <= Self.keptBytes else {
            unmap(buffer.base, size)
            return
        }
        free[buffer.sizeClass].append(buffer.base)
        freeBytes += size
    }

    /// What a half-empty lease is worth: moves its bytes to the smallest class that holds them, when that gives back at
    /// least three quarters. So a slow reader holds about what is waiting for it, not what was once read at a time.
    func compact(_ buffer: RelayBuffer) -> RelayBuffer {
        let needed = Self.sizeClass(holding: buffer.count)
        guard needed + 2 <= buffer.sizeClass else { return buffer }
        let size = Self.bytes(ofClass: needed)
        var small: RelayBuffer
        if let buffer = takeFree(needed, capacity: size) {
            small = buffer
        } else if let memory = map(size) {
            small = RelayBuffer(base: memory, capacity: size, sizeClass: needed)
        } else {
            return buffer
        }
        small.base.copyMemory(from: buffer.unwritten, byteCount: buffer.count)
        small.filled(buffer.count)
        release(buffer)
        return small
    }

    /// Gives free memory that nobody needed since the last call back to the system. Called about once a second.
    func trim() {
        trim(to: freeBytes - idleBytes)
        idleBytes = freeBytes
    }

    private func trim(to target: Int) {
        for index in free.indices.reversed() {
            while freeBytes > target, let memory = free[index].popLast() {
                freeBytes -= Self.bytes(ofClass: index)
                unmap(memory, Self.bytes(ofClass: index))
            }
        }
        idleBytes = min(idleBytes, freeBytes)
    }

    private func takeFree(_ index: Int, capacity: Int) -> RelayBuffer? {
        guard index < free.count, let memory = free[index].popLast() else { return nil }
        freeBytes -= Self.bytes(ofClass: index)
        idleBytes = min(idleBytes, freeBytes)
        return RelayBuffer(base: memory, capacity: capacity, sizeClass: index)
    }

    private func map(_ size: Int) -> UnsafeMutableRawPointer? {
        if !budget.reserve(size) {
            // Free buffers of other sizes may be all that stands in the way.
            guard freeBytes > 0 else { return nil }
            note(.reclaimed)
            trim(to: max(0, freeBytes - size))
            guard budget.reserve(size) else { return nil }
        }
        // Mapped, not malloc'ed: what goes back, goes back to the system.
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            budget.release(size)
            return nil
        }
        mappedBytes += size
        return memory
    }

    private func unmap(_ memory: UnsafeMutableRawPointer, _ size: Int) {
        munmap(memory, size)
        mappedBytes -= size
        budget.release(size)
    }

    /// The smallest class that holds `bytes`.
    static func sizeClass(holding bytes: Int) -> Int {
        guard bytes > smallestBytes else { return 0 }
        return Int.bitWidth - (bytes - 1).leadingZeroBitCount - smallestBytes.trailingZeroBitCount
    }

    static func bytes(ofClass index: Int) -> Int { smallestBytes << index }
}
