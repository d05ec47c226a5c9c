import Foundation
import Glibc
import SluiceBench

extension MachineFacts {
    /// This machine, now.
    static func current() -> MachineFacts {
        var load = [0.0]
        getloadavg(&load, 1)
        return MachineFacts(facts: .current(), cpuModel: cpuModel, loadAverageBefore: load[0])
    }

    /// x86 names it; other architectures have numbers only.
    private static var cpuModel: String {
        let text = ProcFile.text("/proc/cpuinfo") ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
            ?? "unknown"
    }
}
