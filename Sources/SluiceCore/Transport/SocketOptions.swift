import Glibc

/// Socket options that Sluice sets, and nothing else.
enum SocketOptions {
    /// SOCK_STREAM, as C takes it. (A file that imports CCares and names the constant itself hides it from those that import
    /// Glibc alone: Swift 6.3.)
    static let stream = Int32(SOCK_STREAM.rawValue)

    /// How long a TCP connection is silent before the kernel asks whether the peer is still there, how often it asks
    /// again, and how many unanswered questions mean that it is gone: two minutes in all.
    private static let keepalive = (idleSeconds: Int32(60), intervalSeconds: Int32(15), probes: Int32(4))

    // On a listening socket, Linux hands all of these down to every socket that it accepts.
    // Each returns how many of its options the kernel refused.

    /// Nothing waits for more to come, and an urgent byte keeps its place in the stream: without `SO_OOBINLINE`, a read passes over it
    /// (RFC 6093, section 6).
    static func setRelayOptionsOrWarn(_ descriptor: Int32) -> Int {
        set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1) + set(descriptor, SOL_SOCKET, SO_OOBINLINE, 1)
    }

    static func setKeepaliveOrWarn(_ descriptor: Int32) -> Int {
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
            + set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keepalive.idleSeconds)
            + set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keepalive.intervalSeconds)
            + set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepalive.probes)
    }

    /// `TCP_NOTSENT_LOWAT` (Linux 3.12): the socket is writable only while less than `bytes` wait unsent. It leaves the
    /// autotuning on.
    static func setNotSentLowatOrWarn(_ descriptor: Int32, bytes: Int) -> Int {
        set(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, Int32(clamping: bytes))
    }

    /// `SO_SNDBUF`: turns the autotuning off (tcp(7)). The kernel doubles the value (socket(7)), and cuts it to
    /// `net.core.wmem_max` first unless it may be forced.
    static func setSendBufferOrWarn(_ descriptor: Int32, bytes: Int) -> Int {
        let value = Int32(clamping: bytes)
        // Forcing takes CAP_NET_ADMIN.
        if set(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, value) == 0 { return 0 }
        return set(descriptor, SOL_SOCKET, SO_SNDBUF, value)
    }

    /// `SO_RCVBUF`: the same for the receive side, with `net.core.rmem_max`. Only for a socket that is connected: before the
    /// handshake it would decide the window scale, for good.
    static func setReceiveBufferOrWarn(_ descriptor: Int32, bytes: Int) -> Int {
        let value = Int32(clamping: bytes)
        if set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, value) == 0 { return 0 }
        return set(descriptor, SOL_SOCKET, SO_RCVBUF, value)
    }

    /// The window that a socket's handshake advertises, for one that is not connected yet. Only what a lock would do is undone: it
    /// would decide the window scale, for good (tcp_connect_init, net/ipv4/tcp_output.c). The autotuning opens the window.
    static func setFirstWindowOrWarn(_ descriptor: Int32, bytes: Int) -> Int {
        setReceiveBufferOrWarn(descriptor, bytes: bytes) + setBufferLockOrWarn(descriptor, [])
    }

    /// `SO_SNDBUF` and `SO_RCVBUF` as they read back, in bytes of memory (truesize). 0 for a descriptor that is no socket.
    static func sendBuffer(of descriptor: Int32) -> Int { Int(get(descriptor, SOL_SOCKET, SO_SNDBUF)) }
    static func receiveBuffer(of descriptor: Int32) -> Int { Int(get(descriptor, SOL_SOCKET, SO_RCVBUF)) }

    /// Memory that a socket's queues take now (`SO_MEMINFO`, Linux 4.12): what is unread, and what is unsent or unacknowledged.
    static func memoryInUse(by descriptor: Int32) -> Int {
        // SK_MEMINFO_RMEM_ALLOC and SK_MEMINFO_WMEM_QUEUED of SK_MEMINFO_VARS, include/uapi/linux/sock_diag.h.
        let (unread, queued, count) = (0, 5, 9)
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { values in
            values.initialize(repeating: 0)
            var length = socklen_t(count * MemoryLayout<UInt32>.stride)
            guard getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, values.baseAddress, &length) == 0 else {
                return 0
            }
            return Int(values[unread]) + Int(values[queued])
        }
    }

    /// Which of a socket's buffers are kept as they are: the autotuning leaves them alone.
    struct BufferLock: OptionSet {
        let rawValue: Int32
        /// SOCK_SNDBUF_LOCK and SOCK_RCVBUF_LOCK, include/uapi/linux/socket.h.
        static let send = BufferLock(rawValue: 1)
        static let receive = BufferLock(rawValue: 2)
    }

    /// `SO_BUF_LOCK` (Linux 5.14): sets both locks at once, and no size.
    static func setBufferLockOrWarn(_ descriptor: Int32, _ lock: BufferLock) -> Int {
        set(descriptor, SOL_SOCKET, bufferLock, lock.rawValue)
    }

    /// include/uapi/asm-generic/socket.h; older headers do not have it.
    private static let bufferLock: Int32 = 72

    /// `SO_MAX_PACING_RATE` (Linux 3.13), bytes per second; `unlimitedPacing` takes the limit away. TCP paces by itself where
    /// the interface has no fq queue (Linux 4.13).
    static func setPacingRateOrWarn(_ descriptor: Int32, bytesPerSecond: UInt32) -> Int {
        set(descriptor, SOL_SOCKET, SO_MAX_PACING_RATE, Int32(bitPattern: bytesPerSecond))
    }

    static let unlimitedPacing = UInt32.max

    /// `TCP_WINDOW_CLAMP` (tcp(7)): the window that the socket advertises is at most so large.
    static func setWindowClampOrWarn(_ descriptor: Int32, bytes: Int) -> Int {
        set(descriptor, IPPROTO_TCP, TCP_WINDOW_CLAMP, Int32(clamping: bytes))
    }

    /// `SO_RCVLOWAT`: the socket is readable from so many bytes on. Where the receive buffer is not locked, the kernel makes it
    /// large enough for them (tcp_set_rcvlowat, net/ipv4/tcp.c).
    static func setReceiveLowatOrWarn(_ descriptor: Int32, bytes: Int) -> Int {
        set(descriptor, SOL_SOCKET, SO_RCVLOWAT, Int32(clamping: bytes))
    }

    /// Makes close() send a reset and drop what is unsent (socket(7), SO_LINGER with a timeout of 0).
    static func lingerZero(_ descriptor: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// The pending error of a socket, which this call clears; 0 when there is none.
    static func takeError(_ descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) == 0 else { return errno }
        return value
    }

    /// An option that is a number; 0 when the kernel does not tell.
    static func get<Level: BinaryInteger>(_ descriptor: Int32, _ level: Level, _ option: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, Int32(level), option, &value, &length) == 0 ? value : 0
    }

    private static func set<Level: BinaryInteger>(
        _ descriptor: Int32,
        _ level: Level,
        _ option: Int32,
        _ value: Int32
    ) -> Int {
        var value = value
        let status = setsockopt(
            descriptor,
            Int32(level),
            option,
            &value,
            socklen_t(MemoryLayout<Int32>.size)
        )
        return status == 0 ? 0 : 1
    }
}
