import Glibc

/// Tests hold thousands of sockets; the soft limit on descriptors is raised to the hard one, once, and inherited.
enum DescriptorLimit {
    static let isRaised: Bool = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        limit.rlim_cur = limit.rlim_max
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    }()
}
