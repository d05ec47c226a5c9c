import Glibc

/// What the kernel says about this process, from /proc/self (proc(5)): the figures behind the `process_*` metrics.
public struct ProcessStatistics: Sendable, Hashable {
    /// User and system CPU time of all threads, seconds.
    public var cpuSeconds: Double
    public var residentBytes: Int
    public var openDescriptors: Int
    /// The soft limit (RLIMIT_NOFILE). Infinite where there is none.
    public var maxDescriptors: Double
    /// Seconds since the Unix epoch.
    public var startTime: Double

    public init(
        cpuSeconds: Double,
        residentBytes: Int,
        openDescriptors: Int,
        maxDescriptors: Double,
        startTime: Double
    ) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.maxDescriptors = maxDescriptors
        self.startTime = startTime
    }

    /// The figures now. `nil` if /proc is not mounted, or at the descriptor limit: a scrape does without them then.
    public static func current() -> ProcessStatistics? {
        guard let stat = contents(of: "/proc/self/stat").flatMap(Self.times(inStat:)),
            let pages = contents(of: "/proc/self/statm").flatMap(Self.residentPages(inStatm:)),
            let boot = contents(of: "/proc/stat").flatMap(Self.bootTime(inStat:)),
            let descriptors = openDescriptorCount()
        else { return nil }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessStatistics(
            cpuSeconds: Double(stat.cpuTicks) / ticksPerSecond,
            residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)),
            openDescriptors: descriptors,
            maxDescriptors: descriptorLimit(),
            startTime: boot + Double(stat.startTicks) / ticksPerSecond
        )
    }

    /// Fields 14 (utime), 15 (stime) and 22 (starttime). The second field is the program's name in parentheses, which
    /// may itself hold spaces and parentheses: count from behind the last one.
    package static func times(inStat text: String) -> (cpuTicks: UInt64, startTicks: UInt64)? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let start = UInt64(fields[19])
        else { return nil }
        return (user + system, start)
    }

    /// The second field.
    package static func residentPages(inStatm text: String) -> Int? {
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) : nil
    }

    /// The line `btime SECONDS` of /proc/stat.
    static func bootTime(inStat text: String) -> Double? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    private static func openDescriptorCount() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        // Without `.`, `..`, and the descriptor that reads the directory.
        return entries - 3
    }

    private static func descriptorLimit() -> Double {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur != .max
        else { return .infinity }
        return Double(limit.rlim_cur)
    }

    /// A whole file of /proc, whose size the kernel does not tell in advance.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            if count < 0, errno != EINTR { return nil }
            bytes += chunk.prefix(max(count, 0))
        }
    }
}
