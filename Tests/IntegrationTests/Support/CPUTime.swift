import Foundation
import Testing

enum CPUTime {
    /// User and system time of a process so far, from fields 14 and 15 of /proc/PID/stat (proc(5)).
    static func used(by process: Int32) throws -> Duration {
        let line = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        // The second field is the name in parentheses, which may hold spaces.
        let afterName = try #require(line.lastIndex(of: ")"))
        let fields = line[line.index(after: afterName)...].split(separator: " ")
        let ticks = try #require(Int(fields[11])) + #require(Int(fields[12]))
        return .milliseconds(1000 * ticks / sysconf(Int32(_SC_CLK_TCK)))
    }
}
