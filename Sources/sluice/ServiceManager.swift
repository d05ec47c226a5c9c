import Glibc

/// What systemd hears of this service: datagrams to the socket that `NOTIFY_SOCKET` names (sd_notify(3)). Without one,
/// nothing. Safe from any thread.
struct ServiceManager: Sendable {
    private let path: String?
    /// How often systemd wants to hear that the service is alive.
    private let watchdogInterval: Duration?

    init() {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        path = variable("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
        let isMine = variable("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
        watchdogInterval = variable("WATCHDOG_USEC").flatMap(Int.init).flatMap {
            isMine && $0 > 0 ? .microseconds($0) : nil
        }
    }

    func ready() { send("READY=1\nSTATUS=serving") }

    /// `ready` follows.
    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    }

    func stopping() { send("STOPPING=1\nSTATUS=draining") }

    /// Another process is the service from now on: this one drains.
    func handedOver(to process: Int32) { send("MAINPID=\(process)\nREADY=1") }

    /// Says twice an interval that the service is alive, each time once `isAlive` has returned: a loop that is stuck keeps it
    /// from returning, and systemd restarts the service. Returns when the task is cancelled.
    func watch(isAlive: () async -> Void) async {
        guard path != nil, let watchdogInterval else { return }
        while !Task.isCancelled {
            await isAlive()
            send("WATCHDOG=1")
            try? await Task.sleep(for: watchdogInterval / 2)
        }
    }

    private func send(_ state: String) {
        guard let path else { return }
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // `@` stands for the zero byte of an abstract name (unix(7)), which has no terminator.
        var name = Array(path.utf8)
        let isAbstract = name[0] == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.count + (isAbstract ? 0 : 1)
        guard length <= MemoryLayout<sockaddr_un>.size else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let text = Array(state.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
    }
}
