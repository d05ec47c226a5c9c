import Glibc

/// The sentences that say why a machine refuses the lab, and what allows it.
enum LabRefusal {
    static func userNamespace(code: Int32) -> LabError {
        let failed = "the lab needs root, or user namespaces, and unshare(CLONE_NEWUSER) failed"
        let reason = String(cString: strerror(code))
        if setting("/proc/sys/kernel/unprivileged_userns_clone") == "0" {
            return LabError(
                "\(failed): \(reason); allow them with: sysctl -w kernel.unprivileged_userns_clone=1"
            )
        }
        if setting("/proc/sys/user/max_user_namespaces") == "0" {
            return LabError("\(failed): \(reason); allow them with: sysctl -w user.max_user_namespaces=10000")
        }
        if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" {
            return LabError("\(failed): \(reason); \(appArmor)")
        }
        return LabError("\(failed): \(reason); \(container)")
    }

    static func networkNamespace(code: Int32, inUserNamespace: Bool) -> LabError {
        let failed =
            "the lab cannot make a network namespace: unshare(CLONE_NEWNET): \(String(cString: strerror(code)))"
        switch code {
        case EINVAL:
            return LabError("\(failed); the kernel was built without CONFIG_NET_NS")
        case ENOSPC:
            return LabError("\(failed); allow more with: sysctl -w user.max_net_namespaces=10000")
        case EPERM where inUserNamespace:
            let isAppArmor = setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
            return LabError("\(failed); \(isAppArmor ? appArmor : container)")
        default:
            return LabError("\(failed); \(container)")
        }
    }

    static func tun(code: Int32) -> LabError {
        let failed = "the lab cannot open /dev/net/tun: \(String(cString: strerror(code)))"
        switch code {
        case ENOENT:
            return LabError(
                "\(failed); make it with: mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun"
                    + " (a container needs --device /dev/net/tun)"
            )
        case ENODEV, ENXIO:
            return LabError("\(failed); load the driver with: modprobe tun")
        case EACCES:
            return LabError("\(failed); let every user open it, as most systems do: chmod 666 /dev/net/tun")
        default:
            return LabError("\(failed); \(container)")
        }
    }

    static func congestionControl(_ name: String, code: Int32) -> LabError {
        let available = setting("/proc/sys/net/ipv4/tcp_available_congestion_control") ?? ""
        let allowed = setting("/proc/sys/net/ipv4/tcp_allowed_congestion_control") ?? ""
        let known = available.split(separator: " ").map(String.init)
        guard known.contains(name) else {
            return LabError(
                "congestion control '\(name)': this kernel does not have it (allowed: \(known.joined(separator: ", ")));"
                    + " a module may be missing: modprobe tcp_\(name)"
            )
        }
        // Linux 4.15 and later: a namespace takes as its default only what is not restricted to privileged users.
        return LabError(
            "congestion control '\(name)': \(String(cString: strerror(code))); the kernel allows namespaces only:"
                + " \(allowed); allow it with: sysctl -w net.ipv4.tcp_allowed_congestion_control=\"\(allowed) \(name)\""
        )
    }

    private static let appArmor =
        "AppArmor forbids it; allow it with: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    private static let container =
        "a container's seccomp profile or missing CAP_SYS_ADMIN may forbid it: run as root outside, or give the container"
        + " --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined --device /dev/net/tun"

    /// The first line of a file under /proc/sys.
    private static func setting(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1024)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        return String(
            decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }
}
