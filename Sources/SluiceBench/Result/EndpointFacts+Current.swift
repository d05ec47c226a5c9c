import Glibc
import SluiceCore

extension EndpointFacts {
    /// This machine, now.
    package static func current() -> EndpointFacts {
        var system = utsname()
        uname(&system)
        let architecture = withUnsafeBytes(of: &system.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return EndpointFacts(
            sluice: SluiceVersion.sluice,
            kernel: SluiceVersion.kernel,
            architecture: architecture,
            processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            congestionControl: ProcFile.line("/proc/sys/net/ipv4/tcp_congestion_control") ?? "unknown"
        )
    }
}
