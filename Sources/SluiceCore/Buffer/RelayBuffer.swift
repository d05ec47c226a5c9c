/// A piece of memory on lease from a `BufferPool`, and the bytes in it that are still to be written.
///
/// Invariant: 0 <= start <= end <= capacity <= the bytes of its size class.
struct RelayBuffer {
    let base: UnsafeMutableRawPointer
    /// What the lease may hold: the relay never reads more than this into it.
    let capacity: Int
    /// Index of the pool's size class that the memory came from.
    let sizeClass: Int
    /// The first byte that was not written yet.
    private(set) var start = 0
    /// Behind the last byte that was read.
    private(set) var end = 0

    init(base: UnsafeMutableRawPointer, capacity: Int, sizeClass: Int) {
        self.base = base
        self.capacity = capacity
        self.sizeClass = sizeClass
    }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
    var unwritten: UnsafeRawPointer { UnsafeRawPointer(base + start) }

    mutating func filled(_ bytes: Int) {
        end += bytes
        assert(end <= capacity)
    }

    mutating func written(_ bytes: Int) {
        start += bytes
        assert(start <= end)
    }
}
