import Glibc
import SluiceControl

/// What a configuration asks of the running kernel that this kernel, or this user, does not have.
public enum KernelCheck {
    /// One sentence for each route that cannot be served as it was written down. Asked when the proxy starts: a file is right
    /// or wrong without regard to the machine that it is checked on.
    public static func problems(of configuration: Configuration) -> [String] {
        configuration.routes.compactMap { route in
            guard case .fixed(let sizes) = route.policy, let wanted = sizes.congestionControl else {
                return nil
            }
            return problem(with: wanted).map { "route '\(route.name)': static.congestion_control: \($0)" }
        }
    }

    /// Asks a socket that is used for nothing else: the kernel loads a module when it may.
    private static func problem(with wanted: CongestionControl) -> String? {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return SystemError.last("socket").description }
        defer { close(probe) }
        switch wanted.set(on: probe) {
        case 0: return nil
        case EPERM:
            let names = (["kernel"] + CongestionControl.allowed()).joined(separator: ", ")
            return "'\(wanted.name)' takes CAP_NET_ADMIN, or an entry in"
                + " sysctl net.ipv4.tcp_allowed_congestion_control (allowed: \(names))"
        case let code:
            let names = (["kernel"] + CongestionControl.available()).joined(separator: ", ")
            return
                "the kernel has no '\(wanted.name)': \(String(cString: strerror(code))) (allowed: \(names))"
        }
    }
}
