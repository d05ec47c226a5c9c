import Glibc

/// Watches the machine during a run: the kernel's TCP memory, and the process under test.
struct MachineWatch {
    private let path: String
    private var start: UInt64?
    private var sum: UInt64 = 0
    private var samples: UInt64 = 0
    private var peak: UInt64 = 0
    private var peakSockets = 0
    private var process: ProcessWatch?

    /// Takes the first sample. Throws when there is no process `pid`.
    init(pid: Int32?) throws(BenchError) {
        path = pid.map { "/proc/\($0)/net/sockstat" } ?? "/proc/net/sockstat"
        process = try pid.map { (pid) throws(BenchError) in try ProcessWatch(pid: pid) }
        sample()
    }

    mutating func sample() {
        process?.sample()
        guard let text = ProcFile.text(path), let tcp = TCPSocketStatistics(text) else { return }
        let bytes = UInt64(tcp.pages) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        start = start ?? bytes
        sum += bytes
        samples += 1
        peak = max(peak, bytes)
        peakSockets = max(peakSockets, tcp.inUse)
    }

    var kernelTCPMemory: KernelTCPMemory {
        KernelTCPMemory(
            start: start ?? 0,
            mean: samples > 0 ? sum / samples : 0,
            peak: peak,
            peakSockets: peakSockets
        )
    }

    var observed: ObservedProcess? { process?.observed }
}

/// The line of TCP in /proc/net/sockstat: `TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1`.
struct TCPSocketStatistics: Equatable {
    var inUse: Int
    /// Of all network namespaces together.
    var pages: Int

    init?(_ text: String) {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("TCP:") }) else {
            return nil
        }
        let words = line.split(separator: " ")
        func value(after name: Substring) -> Int? {
            guard let index = words.firstIndex(of: name), index + 1 < words.count else { return nil }
            return Int(words[index + 1])
        }
        guard let inUse = value(after: "inuse"), let pages = value(after: "mem") else { return nil }
        self.inUse = inUse
        self.pages = pages
    }
}
