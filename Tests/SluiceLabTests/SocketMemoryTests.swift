import CSluiceLab
import Testing

/// The counters of `INET_DIAG_SKMEMINFO`, in the order of sock_diag(7).
@Suite struct SocketMemoryTests {
    private static func memory(reserved: Int32) -> UInt64 {
        // rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog
        csluicelab_socket_memory([1000, 1 << 20, 500, 1 << 20, UInt32(bitPattern: reserved), 200, 30, 4])
    }

    @Test func whatIsHeldAndReservedIsCounted() {
        #expect(Self.memory(reserved: 4096) == 1000 + 4096 + 200 + 30 + 4)
    }

    /// Read as unsigned, it would be four gigabytes.
    @Test func lessThanNothingReservedIsNothing() {
        #expect(Self.memory(reserved: -4096) == 1000 + 200 + 30 + 4)
    }
}
