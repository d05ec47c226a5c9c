// A program that a test started: its output, its signals, its end.

import Foundation
import Testing

/// A running program, its output in files.
///
/// Used from the thread that started it, and ended by `withProcess`: the kernel kills it when that thread ends, however
/// it ends, so that a test that crashes leaves no process behind (prctl(2), PR_SET_PDEATHSIG).
///
/// `posix_spawn` itself and not Foundation's `Process`, which leaks an object and two descriptors for every program, and
/// hands on the signal mask of the thread: all signals are blocked in the threads that run tests.
final class ChildProcess {
    let output: LineFile
    let errors: LineFile
    let processIdentifier: Int32
    private let command: [String]
    /// What `waitpid` said; `nil` while it runs.
    private var status: Int32?

    /// - Parameters:
    ///   - user: the user to be, when the tests run as root (PostgreSQL refuses to be root).
    ///   - input: a file for the standard input; nothing by default.
    ///   - logs: the directory for the files of the output.
    init(
        _ executable: String,
        _ arguments: [String],
        user: String? = nil,
        input: String? = nil,
        logs: URL
    ) throws {
        _ = DescriptorLimit.isRaised
        let name = "\(URL(fileURLWithPath: executable).lastPathComponent)-\(UInt32.random(in: 0 ... .max))"
        output = try LineFile(creating: logs.appendingPathComponent("\(name).out"))
        errors = try LineFile(creating: logs.appendingPathComponent("\(name).err"))
        command = [try Tool.setpriv.require()] + Self.privileges(user) + [executable] + arguments
        processIdentifier = try spawn(
            command,
            input: input ?? "/dev/null",
            output: output.path,
            errors: errors.path
        )
    }

    private static func privileges(_ user: String?) -> [String] {
        let drop = user.map { ["--reuid", $0, "--regid", "nogroup", "--clear-groups"] } ?? []
        return (geteuid() == 0 ? drop : []) + ["--pdeathsig", "KILL", "--"]
    }

    var isRunning: Bool {
        guard status == nil else { return false }
        var waited: Int32 = 0
        guard waitpid(processIdentifier, &waited, WNOHANG) == processIdentifier else { return true }
        status = waited
        recordCrash()
        return false
    }

    /// Makes a crash a failure of its own, whatever the test expects: `scripts/run_tests.py` knows it by these words.
    private func recordCrash() {
        guard let signal, [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV].contains(signal) else { return }
        Issue.record("\(command) crashed with signal \(signal): \(errors.tail)")
    }

    /// What ended it, if a signal did: the encoding of <sys/wait.h>, whose macros Swift does not see.
    private var signal: Int32? { status.map { $0 & 0x7f }.flatMap { $0 == 0 ? nil : $0 } }

    /// Waits until a connection succeeds, or throws when the process has ended before.
    func waitUntilListening(on endpoint: Endpoint) throws {
        try waitUntil("a server on \(endpoint)") {
            if (try? Peer.connect(to: endpoint)) != nil { return true }
            guard isRunning else { throw EndedEarly(awaited: "a server on \(endpoint)", said: errors.tail) }
            return false
        }
    }

    func signal(_ number: Int32) {
        if isRunning { kill(processIdentifier, number) }
    }

    /// Waits for the end. Returns the exit code; 128 and the signal's number after a signal, as a shell does.
    func waitForExit(deadline: Deadline = Deadline()) throws -> Int32 {
        let status = try waitFor("the end of \(command)", deadline: deadline) {
            isRunning ? nil : self.status
        }
        return signal.map { 128 + $0 } ?? (status >> 8) & 0xff
    }

    /// Asks it to end, and kills it when it does not.
    func end() {
        signal(SIGTERM)
        if (try? waitForExit(deadline: Deadline(after: .seconds(10)))) == nil {
            signal(SIGKILL)
            _ = try? waitForExit()
        }
    }
}
