import Glibc
import Logging
import SluiceControl

/// What the running kernel lets this process set on its TCP sockets: tried once, on a socket that is used for nothing else,
/// because versions, capabilities and sandboxes differ in ways that no version number tells.
struct KernelAbilities: Sendable {
    /// Why an actuator is not at hand.
    struct Absence: Sendable, Equatable {
        let actuator: Actuator
        /// The end of a sentence, for the log.
        let reason: String
    }

    /// Empty where every actuator is at hand.
    let absences: [Absence]
    /// Largest memory of a socket's send and receive side, bytes as `SO_SNDBUF` and `SO_RCVBUF` read back.
    let largestSendBuffer: Int
    let largestReceiveBuffer: Int
    /// Where the autotuning ends (`tcp_wmem[2]`, `tcp_rmem[2]`), the same way. 0: the kernel does not tell.
    let autotunedSendBuffer: Int
    let autotunedReceiveBuffer: Int
    /// What new sockets are born with. `nil`: the kernel does not tell.
    let congestionControl: CongestionControl?

    /// What a controller may use.
    var actuators: ActuatorSet {
        absences.reduce(.all) { $0.subtracting(ActuatorSet($1.actuator)) }
    }

    static func probe() -> KernelAbilities {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        var descriptor = socket(AF_INET, type, 0)
        if descriptor < 0 { descriptor = socket(AF_INET6, type, 0) }
        defer { if descriptor >= 0 { close(descriptor) } }
        return KernelAbilities(probing: descriptor)
    }

    /// As if the kernel had been asked: for tests.
    init(actuators: ActuatorSet, largestSendBuffer: Int, largestReceiveBuffer: Int) {
        absences = Actuator.allCases.filter { !actuators.contains(ActuatorSet($0)) }
            .map { Absence(actuator: $0, reason: "it was left out") }
        self.largestSendBuffer = largestSendBuffer
        self.largestReceiveBuffer = largestReceiveBuffer
        autotunedSendBuffer = 0
        autotunedReceiveBuffer = 0
        congestionControl = nil
    }

    /// Changes the socket's options, and does not close it. With a descriptor that is no TCP socket every actuator but the ring
    /// is absent: tests use that.
    init(probing descriptor: Int32) {
        congestionControl = .current(of: descriptor)
        largestSendBuffer = Self.largestSendBuffer(descriptor)
        largestReceiveBuffer = Self.largestReceiveBuffer(descriptor)
        autotunedSendBuffer = Self.autotuned("net.ipv4.tcp_wmem")
        autotunedReceiveBuffer = Self.autotuned("net.ipv4.tcp_rmem")
        var absences: [Absence] = []
        func note(_ actuator: Actuator, _ reason: String?) {
            if let reason { absences.append(Absence(actuator: actuator, reason: reason)) }
        }
        note(.notSentLowat, Self.refusal("TCP_NOTSENT_LOWAT", Self.keepsNotSentLowat(descriptor)))
        note(.pacing, Self.refusal("SO_MAX_PACING_RATE", Self.keepsPacingRate(descriptor)))
        // Without it a buffer that was set once is never the autotuning's again.
        let canUnlock = SocketOptions.setBufferLockOrWarn(descriptor, []) == 0
        note(.sendBuffer, Self.refusal("SO_BUF_LOCK (Linux 5.14)", canUnlock && largestSendBuffer > 0))
        note(
            .sourceWindow,
            Self.refusal("SO_BUF_LOCK (Linux 5.14)", canUnlock && largestReceiveBuffer > 0)
                ?? Self.refusal("TCP_WINDOW_CLAMP", Self.keepsWindowClamp(descriptor))
                ?? Self.refusalOfFixedWindows()
        )
        note(.congestionControl, Self.refusalOfBBR(descriptor))
        self.absences = absences
    }

    private static func refusal(_ option: String, _ isTaken: Bool) -> String? {
        isTaken ? nil : "this kernel does not take \(option)"
    }

    private static func autotuned(_ setting: String) -> Int {
        KernelSetting.words(of: setting).last.flatMap { Int($0) } ?? 0
    }

    /// Far above every `net.core.wmem_max`: what reads back is the limit. Half of what fits, as the kernel doubles it.
    private static let hugeBuffer = Int(Int32.max / 2)

    private static func largestSendBuffer(_ descriptor: Int32) -> Int {
        guard SocketOptions.setSendBufferOrWarn(descriptor, bytes: hugeBuffer) == 0 else { return 0 }
        return SocketOptions.sendBuffer(of: descriptor)
    }

    private static func largestReceiveBuffer(_ descriptor: Int32) -> Int {
        guard SocketOptions.setReceiveBufferOrWarn(descriptor, bytes: hugeBuffer) == 0 else { return 0 }
        return SocketOptions.receiveBuffer(of: descriptor)
    }

    // A sandbox may take an option and forget it: what reads back is what counts.

    private static func keepsNotSentLowat(_ descriptor: Int32) -> Bool {
        SocketOptions.setNotSentLowatOrWarn(descriptor, bytes: 32768) == 0
            && SocketOptions.get(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 32768
    }

    private static func keepsPacingRate(_ descriptor: Int32) -> Bool {
        SocketOptions.setPacingRateOrWarn(descriptor, bytesPerSecond: 1_000_000) == 0
            && SocketOptions.get(descriptor, SOL_SOCKET, SO_MAX_PACING_RATE) == 1_000_000
    }

    private static func keepsWindowClamp(_ descriptor: Int32) -> Bool {
        SocketOptions.setWindowClampOrWarn(descriptor, bytes: 32768) == 0
            && SocketOptions.get(descriptor, IPPROTO_TCP, TCP_WINDOW_CLAMP) == 32768
    }

    /// A window that was made small, and given back to an autotuning that is off, would stay small.
    private static func refusalOfFixedWindows() -> String? {
        KernelSetting.words(of: "net.ipv4.tcp_moderate_rcvbuf") == ["0"]
            ? "sysctl net.ipv4.tcp_moderate_rcvbuf is 0" : nil
    }

    /// The kernel loads the module when it may.
    private static func refusalOfBBR(_ descriptor: Int32) -> String? {
        switch CongestionControl.bbr.set(on: descriptor) {
        case 0: nil
        case EPERM:
            "BBR takes CAP_NET_ADMIN, or an entry in sysctl net.ipv4.tcp_allowed_congestion_control"
        case ENOENT: "the kernel has no BBR (module tcp_bbr)"
        case let code: "BBR was refused: \(String(cString: strerror(code)))"
        }
    }
}

extension KernelAbilities {
    /// Says once what is missing, and why: an operator may change that.
    func log(to logger: Logger) {
        for absence in absences {
            logger.notice(
                "an actuator is not available",
                metadata: [
                    "actuator": .string(absence.actuator.rawValue), "reason": .string(absence.reason),
                ]
            )
        }
        guard actuators.contains(.sendBuffer), largestSendBuffer < Self.hugeBuffer * 2 else { return }
        logger.notice(
            "send buffers are bounded without CAP_NET_ADMIN: see sysctl net.core.wmem_max",
            metadata: ["bytes": .stringConvertible(largestSendBuffer)]
        )
    }
}
