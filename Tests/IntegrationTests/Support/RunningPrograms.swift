// Starting programs, and never leaving one behind.

import Foundation
import Testing

/// Runs a server during `body`, and ends it, whatever happens.
func withProcess<Result>(
    _ executable: String,
    _ arguments: [String],
    user: String? = nil,
    _ body: (ChildProcess) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { logs in
        let child = try ChildProcess(executable, arguments, user: user, logs: logs)
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
    input: String? = nil,
    deadline: Deadline = Deadline()
) throws -> ProgramResult {
    try withTemporaryDirectory { logs in
        let child = try ChildProcess(executable, arguments, user: user, input: input, logs: logs)
        defer { child.end() }
        let status = try child.waitForExit(deadline: deadline)
        return ProgramResult(status: status, output: child.output.text, errors: child.errors.text)
    }
}

/// Runs a program, expects success, and returns its output.
@discardableResult
func succeed(
    _ executable: String,
    _ arguments: [String],
    user: String? = nil,
    input: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> String {
    let result = try run(executable, arguments, user: user, input: input)
    #expect(
        result.status == 0,
        "\(executable) \(arguments): \(result.errors)",
        sourceLocation: sourceLocation
    )
    return result.output
}
