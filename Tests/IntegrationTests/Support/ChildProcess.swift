// Starting programs, and never leaving one behind.

import Foundation
import Testing

/// A program that a test started, its output in files.
///
/// Used from the thread that started it, and ended by `withProcess`.
final class ChildProcess {
    let output: LineFile
    let errors: LineFile
    private let process = Process()

    /// - Parameters:
    ///   - user: the user to be, when the tests run as root (PostgreSQL refuses to be root).
    ///   - input: a file for the standard input; nothing by default.
    ///   - logs: the directory for the files of the output.
    init(
        _ executable: String,
        _ arguments: [String],
        user: String? = nil,
        environment: [String: String] = [:],
        input: String? = nil,
        logs: URL
    ) throws {
        _ = DescriptorLimit.isRaised
        let name = "\(URL(fileURLWithPath: executable).lastPathComponent)-\(UInt32.random(in: 0 ... .max))"
        output = try LineFile(creating: logs.appendingPathComponent("\(name).out"))
        errors = try LineFile(creating: logs.appendingPathComponent("\(name).err"))
        process.executableURL = URL(fileURLWithPath: try Tool.setpriv.require())
        process.arguments = Self.privileges(user) + [executable] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output.writer
        process.standardError = errors.writer
        process.standardInput =
            try input.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) } ?? .nullDevice
        try Self.withNoSignalBlocked { try process.run() }
    }

    /// The threads that run tests have every signal blocked, and a child inherits that: no SIGTERM would reach it.
    private static func withNoSignalBlocked(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var previous = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try body()
    }

    /// The kernel kills the child when the thread that started it ends, however it ends: a test that crashes leaves
    /// no process behind (prctl(2), PR_SET_PDEATHSIG).
    private static func privileges(_ user: String?) -> [String] {
        let drop = user.map { ["--reuid", $0, "--regid", "nogroup", "--clear-groups"] } ?? []
        return (geteuid() == 0 ? drop : []) + ["--pdeathsig", "KILL", "--"]
    }

    var processIdentifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Waits until a connection succeeds, or throws when the process has ended before.
    func waitUntilListening(on endpoint: Endpoint) throws {
        try waitUntil("a server on \(endpoint)") {
            if (try? Peer.connect(to: endpoint)) != nil { return true }
            guard isRunning else { throw EndedEarly(awaited: "a server on \(endpoint)", said: errors.tail) }
            return false
        }
    }

    func signal(_ number: Int32) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    /// Waits for the end. Returns the exit code; 128 and the signal's number after a signal, as a shell does.
    func waitForExit(deadline: Deadline = Deadline()) throws -> Int32 {
        try waitUntil("the end of \(process.arguments ?? [])", deadline: deadline) { !process.isRunning }
        return process.terminationReason == .exit
            ? process.terminationStatus : 128 + process.terminationStatus
    }

    /// Asks it to end, and kills it when it does not.
    func end() {
        signal(SIGTERM)
        if (try? waitForExit(deadline: Deadline(after: .seconds(10)))) == nil {
            signal(SIGKILL)
            process.waitUntilExit()
        }
    }
}

/// Runs a server during `body`, and ends it, whatever happens.
func withProcess<Result>(
    _ executable: String,
    _ arguments: [String],
    user: String? = nil,
    environment: [String: String] = [:],
    _ body: (ChildProcess) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { logs in
        let child = try ChildProcess(executable, arguments, user: user, environment: environment, logs: logs)
        defer { child.end() }
        do {
            return try body(child)
        } catch {
            Issue.record("\(executable) said: \(child.errors.tail)\(child.output.tail)")
            throw error
        }
    }
}

/// What a program that ran to its end left behind.
struct ProgramResult {
    let status: Int32
    let output: String
    let errors: String
}

/// Runs a program to its end.
func run(
    _ executable: String,
    _ arguments: [String],
    user: String? = nil,
    environment: [String: String] = [:],
    input: String? = nil,
    deadline: Deadline = Deadline()
) throws -> ProgramResult {
    try withTemporaryDirectory { logs in
        let child = try ChildProcess(
            executable,
            arguments,
            user: user,
            environment: environment,
            input: input,
            logs: logs
        )
        defer { child.end() }
        let status = try child.waitForExit(deadline: deadline)
        return ProgramResult(status: status, output: child.output.text, errors: child.errors.text)
    }
}

/// Runs a program, expects success, and returns its output.
func succeed(
    _ executable: String,
    _ arguments: [String],
    user: String? = nil,
    environment: [String: String] = [:],
    input: String? = nil,
    deadline: Deadline = Deadline(),
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> String {
    let result = try run(
        executable,
        arguments,
        user: user,
        environment: environment,
        input: input,
        deadline: deadline
    )
    #expect(
        result.status == 0,
        "\(executable) \(arguments): \(result.errors)",
        sourceLocation: sourceLocation
    )
    return result.output
}

/// Tests hold thousands of sockets; the soft limit on descriptors is raised to the hard one, once, and inherited.
enum DescriptorLimit {
    static let isRaised: Bool = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        limit.rlim_cur = limit.rlim_max
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    }()
}
