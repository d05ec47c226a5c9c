import SluiceControl

/// Sets on one connected TCP socket what decisions ask for, and remembers what is set, so that nothing is set twice.
///
/// A socket is the sink of one direction, which decides the first four, and the source of the other, which decides the window.
///
/// The kernel's rules that shape it (net/core/sock.c, net/ipv4/tcp.c, net/ipv4/tcp_input.c; tried on 6.18):
/// - Setting a buffer's size locks it against the autotuning. `SO_BUF_LOCK` sets both locks of a socket at once, so one value
///   has to know of both.
/// - The autotuning never shrinks a buffer. One that was raised may therefore be unlocked at once: it goes on from there. One
///   that was capped has to stay locked, or the next acknowledgement grows it again.
/// - A receive buffer that is smaller than what is still on its way makes the kernel drop what arrives. So a window shrinks in
///   two steps: first what is advertised, and, when that has taken effect, the memory.
/// - Unlocking a receive buffer does not give the window back: the autotuning grows what the peer fills, and a peer that is
///   held by a small window never fills more. `SO_RCVLOWAT` makes the kernel enlarge buffer and window by itself.
struct LegActuator {
    /// What became of a wish.
    enum Outcome {
        /// It is set already, or means nothing here.
        case unchanged
        case changed
        /// The kernel said no. It is not tried again until the wish changes.
        case refused
    }

    /// `TCP_NOTSENT_LOWAT` that was set, bytes; 0: the kernel's default.
    private(set) var notSentLowat: UInt32 = 0
    /// `SO_MAX_PACING_RATE` that was set, bytes per second; 0: unlimited.
    private(set) var pacingRate: UInt32 = 0
    /// Send buffer that was set, bytes as `SO_SNDBUF` reads back; 0: the autotuning's.
    private(set) var sendBuffer: UInt32 = 0
    /// The same where it is held; a smaller one is left to the autotuning, which gets there by itself. 0: it is not.
    var heldSendBuffer: UInt32 { locks.contains(.send) ? sendBuffer : 0 }
    /// Window that was set, bytes; 0: the autotuning's.
    private(set) var sourceWindow: UInt32 = 0
    /// Buffers that are held at their size.
    private var locks: SocketOptions.BufferLock { SocketOptions.BufferLock(rawValue: Int32(lockBits)) }
    private var lockBits: UInt8 = 0
    /// The window is advertised smaller already, the memory not: `settle` finishes it.
    private var isShrinking = false
    /// The autotuning went past a ceiling: it does not get the buffer, or the window, back.
    private var isSendBounded = false
    private var isWindowBounded = false
    /// Under another congestion control than it was born with.
    private var isSwitched = false

    /// What the kernel may put into one segment: half of the peer's first window of 64 KiB (tcp_bound_to_half_wnd).
    private static let leastSegment: UInt32 = 32 << 10
    /// The peer of a raised window fills it at once; four times the window, and not under this, is enough room for the
    /// autotuning to see that more is used than before.
    private static let leastReleasedWindow = 1 << 20

    /// What is set now.
    var used: ActuatorSet {
        var used: ActuatorSet = []
        if notSentLowat != 0 { used.insert(.notSentLowat) }
        if pacingRate != 0 { used.insert(.pacing) }
        if heldSendBuffer != 0 { used.insert(.sendBuffer) }
        if sourceWindow != 0 { used.insert(.sourceWindow) }
        if isSwitched { used.insert(.congestionControl) }
        return used
    }

    // MARK: The sink's side

    /// What may wait unsent, bytes, where that is less than one segment of the kernel's may hold; `.max` where it is not.
    var littleRoom: Int { notSentLowat > 0 && notSentLowat < Self.leastSegment ? Int(notSentLowat) : .max }

    /// `nil`: the kernel's default.
    mutating func setNotSentLowat(_ bytes: Int?, on descriptor: Int32) -> Outcome {
        let wanted = UInt32(clamping: bytes ?? 0)
        guard wanted != notSentLowat else { return .unchanged }
        notSentLowat = wanted
        return Self.outcome(SocketOptions.setNotSentLowatOrWarn(descriptor, bytes: Int(wanted)))
    }

    /// `nil`, and rates beyond 34 Gbit/s: unlimited. A socket that was paced once goes on pacing at the kernel's own rate, which
    /// is above what its congestion window sends.
    mutating func setPacingRate(_ bytesPerSecond: UInt64?, on descriptor: Int32) -> Outcome {
        let rate = UInt32(clamping: max(bytesPerSecond ?? .max, 1))
        let wanted = rate == SocketOptions.unlimitedPacing ? 0 : rate
        guard wanted != pacingRate else { return .unchanged }
        pacingRate = wanted
        return Self.outcome(SocketOptions.setPacingRateOrWarn(descriptor, bytesPerSecond: rate))
    }

    /// Holds the buffer at a size, until `nil` gives it back to the autotuning. That grows one from where it is, up to
    /// `tcp_wmem[2]`; and a larger one it cuts down to that with the next acknowledgement (tcp_sndbuf_expand, measured on 6.18:
    /// 32 MiB became 4), so a raised buffer has to be held as well.
    mutating func setSendBuffer(
        _ bytes: Int?,
        on descriptor: Int32,
        abilities: KernelAbilities
    ) -> Outcome {
        let wanted = UInt32(clamping: min(bytes ?? 0, abilities.largestSendBuffer))
        guard wanted != sendBuffer, wanted != 0 || !isSendBounded else { return .unchanged }
        sendBuffer = wanted
        let isHeld = locks.contains(.send)
        guard let bytes else { return isHeld ? unlock(.send, on: descriptor) : .unchanged }
        let current = SocketOptions.sendBuffer(of: descriptor)
        // The most that may be had is less than the autotuning has given already, or gives by itself, with every acknowledgement.
        if !isHeld, bytes >= current, Int(wanted) <= max(current, abilities.autotunedSendBuffer) {
            return .unchanged
        }
        guard SocketOptions.setSendBufferOrWarn(descriptor, bytes: Int(wanted) / 2) == 0 else {
            return .refused
        }
        lockBits |= UInt8(SocketOptions.BufferLock.send.rawValue)
        return .changed
    }

    /// Caps a buffer that the autotuning has grown past `ceiling`, bytes as `SO_SNDBUF` reads back.
    mutating func boundSendBuffer(at ceiling: Int, on descriptor: Int32) -> Outcome {
        guard SocketOptions.sendBuffer(of: descriptor) > ceiling else { return .unchanged }
        isSendBounded = true
        sendBuffer = UInt32(clamping: ceiling)
        lockBits |= UInt8(SocketOptions.BufferLock.send.rawValue)
        return Self.outcome(SocketOptions.setSendBufferOrWarn(descriptor, bytes: ceiling / 2))
    }

    /// `nil`: the one that it was born with. A socket that was born with another one than the host's default was given it on
    /// purpose (a route's `congctl`, ip-route(8); a BPF program; `LocalCongestionControl`), and keeps it.
    mutating func setCongestionControl(
        _ wanted: CongestionControl?,
        on descriptor: Int32,
        abilities: KernelAbilities
    ) -> Outcome {
        guard wanted != nil || isSwitched, let inborn = abilities.congestionControl else { return .unchanged }
        let current = CongestionControl.current(of: descriptor)
        guard isSwitched || current == inborn else { return .unchanged }
        let target = wanted ?? inborn
        isSwitched = target != inborn
        guard target != current else { return .unchanged }
        return target.set(on: descriptor) == 0 ? .changed : .refused
    }

    // MARK: The source's side

    /// The window that the socket advertises. `nil`, `.max`, and more than the kernel grants: the autotuning's.
    mutating func setSourceWindow(
        _ bytes: Int?,
        on descriptor: Int32,
        abilities: KernelAbilities
    ) -> Outcome {
        // Memory for a window is twice the window: it is spent on what the kernel keeps beside the payload.
        let isGranted = bytes.map { $0 <= abilities.largestReceiveBuffer / 2 } ?? false
        let wanted = isGranted ? UInt32(clamping: max(1, bytes!)) : 0
        guard wanted != sourceWindow, wanted != 0 || !isWindowBounded else { return .unchanged }
        let before = sourceWindow
        sourceWindow = wanted
        guard wanted != 0 else { return releaseWindow(from: Int(before), on: descriptor) }
        lockBits |= UInt8(SocketOptions.BufferLock.receive.rawValue)
        isShrinking = false
        if wanted < before || before == 0, let sample = LegSample(descriptor: descriptor),
            !sample.hasShrunk(to: Int(wanted))
        {
            isShrinking = true
            return Self.outcome(
                SocketOptions.setBufferLockOrWarn(descriptor, locks)
                    + SocketOptions.setWindowClampOrWarn(descriptor, bytes: Int(wanted))
            )
        }
        return Self.outcome(
            SocketOptions.setReceiveBufferOrWarn(descriptor, bytes: Int(wanted))
                + SocketOptions.setWindowClampOrWarn(descriptor, bytes: Int(wanted))
        )
    }

    /// Takes a window that the autotuning has opened past `ceiling`, bytes, and keeps it.
    mutating func boundSourceWindow(
        at ceiling: Int,
        _ sample: LegSample,
        on descriptor: Int32,
        abilities: KernelAbilities
    ) -> Outcome {
        guard sourceWindow == 0, Int(sample.receiveWindow) > ceiling else { return .unchanged }
        isWindowBounded = true
        return setSourceWindow(ceiling, on: descriptor, abilities: abilities)
    }

    /// Called with each sample. Sets the clamp again where the kernel has widened it: it does so when segments turn out larger
    /// than it had thought (tcp_measure_rcv_mss). And takes the memory of a window that was made smaller, once nothing more
    /// can arrive than fits.
    mutating func settle(_ sample: LegSample, on descriptor: Int32) -> Outcome {
        guard sourceWindow != 0 else { return .unchanged }
        guard sample.hasShrunk(to: Int(sourceWindow)) else {
            let refusals = SocketOptions.setWindowClampOrWarn(descriptor, bytes: Int(sourceWindow))
            return refusals == 0 ? .unchanged : .refused
        }
        guard isShrinking else { return .unchanged }
        isShrinking = false
        return Self.outcome(SocketOptions.setReceiveBufferOrWarn(descriptor, bytes: Int(sourceWindow)))
    }

    private mutating func releaseWindow(from window: Int, on descriptor: Int32) -> Outcome {
        isShrinking = false
        guard unlock(.receive, on: descriptor) == .changed else { return .refused }
        let room = max(window * 4, Self.leastReleasedWindow)
        // The clamp bounds also what the memory would allow, until the autotuning grows that.
        let clamp = max(room, SocketOptions.receiveBuffer(of: descriptor))
        return Self.outcome(
            SocketOptions.setWindowClampOrWarn(descriptor, bytes: clamp)
                + SocketOptions.setReceiveLowatOrWarn(descriptor, bytes: room)
                + SocketOptions.setReceiveLowatOrWarn(descriptor, bytes: 1)
        )
    }

    private mutating func unlock(_ lock: SocketOptions.BufferLock, on descriptor: Int32) -> Outcome {
        lockBits &= ~UInt8(lock.rawValue)
        return Self.outcome(SocketOptions.setBufferLockOrWarn(descriptor, locks))
    }

    private static func outcome(_ refusals: Int) -> Outcome { refusals == 0 ? .changed : .refused }
}
