import ArgumentParser
import Glibc

/// The exit codes that scripts and service managers may rely on (sysexits.h, and 128 plus the signal).
enum ExitStatus {
    /// An address cannot be listened on, or something else that the service needs is missing.
    static let unavailable = ExitCode(69)
    /// The configuration is wrong.
    static let badConfiguration = ExitCode(78)

    /// Ends the process at once after a signal, as the shell counts it. Not by exit(): libuv's destructor would wait for
    /// name look-ups under way, and the main thread may be in exit() itself.
    static func killed(by signal: Int32) -> Never { _exit(128 + signal) }
}

/// Prints to standard error.
func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
