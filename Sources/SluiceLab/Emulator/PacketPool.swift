import Glibc

/// Memory for the packets of one link: slots of one size, lent by number. Nothing is allocated for a packet.
///
/// The slots are reserved at once, but the kernel gives memory only to those that were used; the last one returned is lent
/// first, so that a short queue stays in the cache. Used by one thread; frees its memory when it goes.
final class PacketPool {
    /// Room for the largest packet that the devices send (an MTU of 1,500), and an even page count.
    static let slotBytes = 2048
    /// 128 MiB of packets of any size: a link's BDP, its queue, and the packets without payload on the way back.
    static let slotCount = 65_536

    private let memory: UnsafeMutableRawPointer
    private var free: [Int32]

    init() {
        let length = Self.slotBytes * Self.slotCount
        guard
            let memory = mmap(
                nil,
                length,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1,
                0
            ),
            memory != MAP_FAILED
        else { preconditionFailure("mmap of \(length) bytes: \(String(cString: strerror(errno)))") }
        self.memory = memory
        free = (0..<Int32(Self.slotCount)).reversed()
    }

    deinit {
        munmap(memory, Self.slotBytes * Self.slotCount)
    }

    /// Nil when all are in use.
    func take() -> Int32? { free.popLast() }

    func giveBack(_ slot: Int32) { free.append(slot) }

    func address(of slot: Int32) -> UnsafeMutableRawPointer { memory + Int(slot) * Self.slotBytes }
}
