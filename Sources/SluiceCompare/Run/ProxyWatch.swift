import Foundation
import SluiceBench
import SluiceLab

/// Watches a proxy during a trial: its processes, and what the kernel holds for its sockets. For one thread.
final class ProxyWatch {
    private let processGroup: Int32
    private let monitor: LabSocketMonitor
    private let listenPorts: Set<UInt16>
    private let originPorts: Set<UInt16>
    private var processes: [Int32: ProcessWatch] = [:]
    private var residentStart: UInt64 = 0
    private var residentPeak: UInt64 = 0
    private var kernelPeak: UInt64 = 0
    private var heldPeak: UInt64 = 0
    private var samples = 0

    /// Takes the first sample.
    init(_ proxy: LabProcess, on host: LabHost, routes: [ProxyRoute]) throws {
        processGroup = proxy.pid
        monitor = try LabSocketMonitor(host)
        listenPorts = Set(routes.map(\.listenPort))
        originPorts = Set(routes.map(\.originPort))
        findProcesses()
        residentStart = resident
        sample()
    }

    func sample() {
        samples += 1
        // A server may listen before it has started its workers.
        if samples % 10 == 5 { findProcesses() }
        for pid in Array(processes.keys) { processes[pid]?.sample() }
        let kernel = kernelMemory
        let user = resident
        residentPeak = max(residentPeak, user)
        kernelPeak = max(kernelPeak, kernel)
        heldPeak = max(heldPeak, user - min(user, residentStart) + kernel)
    }

    /// Takes the last sample.
    func finish() -> ProxyCost {
        sample()
        return ProxyCost(
            cpuSeconds: processes.values.reduce(0) { $0 + $1.observed.cpuSeconds },
            residentStart: residentStart,
            residentPeak: residentPeak,
            kernelTCPPeak: kernelPeak,
            heldPeak: heldPeak
        )
    }

    private var resident: UInt64 { processes.values.reduce(0) { $0 + $1.residentBytes } }

    /// Of the sockets between clients and proxy, on the proxy's side, and of those to the origins.
    private var kernelMemory: UInt64 {
        guard let sockets = try? monitor.sockets() else { return 0 }
        return sockets.reduce(0) { sum, socket in
            let isOurs = listenPorts.contains(socket.localPort) || originPorts.contains(socket.remotePort)
            return isOurs ? sum + UInt64(socket.memory) : sum
        }
    }

    /// Wrappers and workers stay in the group of the program that was started.
    private func findProcesses() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name), processes[pid] == nil,
                let stat = ProcFile.text("/proc/\(pid)/stat"), Self.processGroup(inStat: stat) == processGroup
            else { continue }
            processes[pid] = try? ProcessWatch(pid: pid)
        }
    }

    /// The fifth field of /proc/PID/stat; the second may hold spaces and parentheses itself.
    static func processGroup(inStat text: String) -> Int32? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 2 ? Int32(fields[2]) : nil
    }
}
