import Glibc

/// How many descriptors this process may have, and how many connections that makes.
enum DescriptorLimit {
    /// Descriptors that are none of the connections': the admin server's, name look-ups, log files.
    private static let spare = 32
    /// An event loop's own: epoll, wake-up, signal pipe.
    private static let perWorker = 6

    /// Raises the soft limit to the hard one, as far as it goes, and returns what holds now.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that fit under `limit`, at two descriptors each, beside `inUse` that are open already. At least one.
    static func connections(under limit: Int, inUse: Int, workers: Int) -> Int {
        max(1, (limit - inUse - workers * perWorker - spare) / 2)
    }

    /// Descriptors open now.
    static func inUse() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 64 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Less `.`, `..` and the directory itself.
        return max(0, count - 3)
    }
}
