// TCP_CONGESTION (tcp(7)): which congestion controls the kernel has, and which one a socket uses.

import Glibc
import SluiceControl

extension CongestionControl {
    /// TCP_CA_NAME_MAX, include/net/tcp.h: with the terminator.
    private static let nameCapacity = 16

    /// Puts a socket under this congestion control, at any time of its life. 0, or the `errno`: ENOENT for one that the kernel
    /// does not have, EPERM for one that only CAP_NET_ADMIN may choose.
    func set(on descriptor: Int32) -> Int32 {
        // Not as a C string: the bridge would allocate.
        var name = name
        let status = name.withUTF8 {
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, $0.baseAddress, socklen_t($0.count))
        }
        return status == 0 ? 0 : errno
    }

    /// The one that a socket is under. `nil` when it is no TCP socket.
    static func current(of descriptor: Int32) -> CongestionControl? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: nameCapacity) { name in
            name.initialize(repeating: 0)
            var length = socklen_t(name.count)
            guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, name.baseAddress, &length) == 0
            else { return nil }
            return CongestionControl(String(cString: name.baseAddress!))
        }
    }

    /// The names that the kernel has loaded. One that is missing here may still be a module that it loads when asked.
    static func available() -> [String] {
        KernelSetting.words(of: "net.ipv4.tcp_available_congestion_control")
    }

    /// The names that a process without CAP_NET_ADMIN may choose.
    static func allowed() -> [String] {
        KernelSetting.words(of: "net.ipv4.tcp_allowed_congestion_control")
    }
}
