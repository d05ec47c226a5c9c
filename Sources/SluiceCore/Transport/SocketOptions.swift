import Glibc

/// Socket options that Sluice sets, and nothing else.
enum SocketOptions {
    /// How long a TCP connection is silent before the kernel asks whether the peer is still there, how often it asks
    /// again, and how many unanswered questions mean that it is gone: two minutes in all.
    private static let keepalive = (idleSeconds: Int32(60), intervalSeconds: Int32(15), probes: Int32(4))

    // On a listening socket, Linux hands all of these down to every socket that it accepts.
    // Each returns how many of its options the kernel refused.

    static func setNoDelayOrWarn(_ descriptor: Int32) -> Int {
        set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)
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
