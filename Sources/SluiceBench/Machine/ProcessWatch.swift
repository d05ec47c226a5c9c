import Glibc
import SluiceCore

/// What a process uses, from /proc/PID (proc(5)).
package struct ProcessWatch {
    private let pid: Int32
    private let name: String
    private let first: Usage
    private var last: Usage
    private var peak: UInt64
    private var hasExited = false

    private struct Usage {
        /// User and system time of all threads, to the nanosecond; the ticks in `stat` are 10 ms long.
        var cpuNanoseconds: UInt64
        var residentBytes: UInt64
        /// Tells another process apart that got the same number later.
        var startTicks: UInt64

        init?(pid: Int32) {
            guard let stat = ProcFile.text("/proc/\(pid)/stat").flatMap(ProcessStatistics.times(inStat:)),
                let pages = ProcFile.text("/proc/\(pid)/statm").flatMap(
                    ProcessStatistics.residentPages(inStatm:)
                ),
                let cpu = Self.cpuNanoseconds(of: pid)
            else { return nil }
            cpuNanoseconds = cpu
            startTicks = stat.startTicks
            residentBytes = UInt64(pages) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        }

        private static func cpuNanoseconds(of pid: Int32) -> UInt64? {
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
    }

    /// Throws when there is no such process.
    package init(pid: Int32) throws(BenchError) {
        guard let usage = Usage(pid: pid) else {
            throw .system(SystemError(code: ESRCH, call: "observe", subject: "process \(pid)"))
        }
        self.pid = pid
        name = ProcFile.line("/proc/\(pid)/comm") ?? "unknown"
        first = usage
        last = usage
        peak = usage.residentBytes
    }

    package mutating func sample() {
        guard !hasExited, let usage = Usage(pid: pid), usage.startTicks == first.startTicks else {
            hasExited = true
            return
        }
        last = usage
        peak = max(peak, usage.residentBytes)
    }

    /// Resident memory when it was last sampled.
    package var residentBytes: UInt64 { hasExited ? 0 : last.residentBytes }

    package var observed: ObservedProcess {
        ObservedProcess(
            pid: pid,
            name: name,
            cpuSeconds: Double(last.cpuNanoseconds - first.cpuNanoseconds) / 1e9,
            residentStart: first.residentBytes,
            residentPeak: peak,
            hasExited: hasExited
        )
    }
}
