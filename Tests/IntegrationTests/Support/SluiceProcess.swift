// A running Sluice, seen as an operator sees it: its log, its admin server, its exit code.

import Foundation
import Testing

/// The proxy under test. Made by `withSluice`, which also ends it.
final class SluiceProcess {
    private let child: ChildProcess
    private var closedLines: [JSONValue] = []
    private var linesSeen = 0
    private var hasExited = false

    /// Starts it, without waiting for anything.
    /// - Parameter launcher: a program and its arguments that execute `sluice` in turn, such as `prlimit`.
    init(_ arguments: [String], launcher: [String] = [], logs: URL) throws {
        let command = launcher + [SluiceBinary.path] + arguments
        child = try ChildProcess(command[0], Array(command.dropFirst()), logs: logs)
    }

    var processIdentifier: Int32 { child.processIdentifier }
    var isRunning: Bool { child.isRunning }
    /// Everything on the standard error stream so far.
    var log: String { child.errors.text }
    var output: LineFile { child.output }
    var errors: LineFile { child.errors }

    /// Waits for a log line with this message and, if given, of this route.
    @discardableResult
    func waitForLog(_ message: String, route: String? = nil) throws -> JSONValue {
        try child.errors.waitForLine("the log line '\(message)'", from: child) { text in
            guard let line = JSONValue(parsing: text), line.message?.string == message else { return nil }
            return route == nil || line.route?.string == route ? line : nil
        }
    }

    /// Waits for a line of the log that holds `text`, in whichever format; returns the line.
    @discardableResult
    func waitForText(_ text: String) throws -> String {
        try child.errors.waitForLine(containing: text, from: child)
    }

    /// Waits for a line of the standard output that `match` makes something of.
    func waitForOutput<Value>(_ what: String, _ match: (String) throws -> Value?) throws -> Value {
        try child.output.waitForLine(what, from: child, match)
    }

    /// Where a route's first listener is bound.
    func listener(of route: String = "service") throws -> Endpoint {
        try endpoint(in: try waitForLog("listening", route: route))
    }

    /// Where every listener of a route is bound, in the order of the configuration.
    func listeners(of route: String, count: Int) throws -> [Endpoint] {
        try waitFor("\(count) listeners") {
            let lines = child.errors.lines.compactMap { JSONValue(parsing: $0) }
                .filter { $0.message?.string == "listening" && $0.route?.string == route }
            return lines.count >= count ? try lines.map { try endpoint(in: $0) } : nil
        }
    }

    /// Where the admin server is bound.
    func admin() throws -> Endpoint {
        try endpoint(in: try waitForLog("admin listening"))
    }

    func metrics() throws -> Metrics {
        let response = try httpGet("/metrics", from: admin())
        #expect(response.status == 200)
        return Metrics(parsing: response.body)
    }

    /// The live connections, as `/connections` tells them.
    func connections() throws -> [JSONValue] {
        try #require(JSONValue(parsing: httpGet("/connections", from: admin()).body)?.array)
    }

    /// Waits until a metric's sum satisfies `condition`; returns the sum.
    @discardableResult
    func waitForMetric(
        _ name: String,
        _ labels: [String: String] = [:],
        until condition: (Double) -> Bool
    ) throws -> Double {
        var last: Double?
        return try waitFor("\(name)\(labels), last \(last.map { "\($0)" } ?? "absent")") {
            last = try? metrics().sum(name, labels)
            return last.flatMap { condition($0) ? $0 : nil }
        }
    }

    /// Waits for the next connection's end that was not returned before; returns its log line.
    func nextClosed() throws -> JSONValue {
        try waitFor("a 'connection closed' line") {
            let lines = child.errors.lines
            closedLines += lines[linesSeen...].compactMap { JSONValue(parsing: $0) }
                .filter { $0.message?.string == "connection closed" }
            linesSeen = lines.count
            if closedLines.isEmpty && !isRunning {
                throw EndedEarly(awaited: "a connection's end", said: log)
            }
            return closedLines.isEmpty ? nil : closedLines.removeFirst()
        }
    }

    /// Waits for the next connection's end and expects why it ended.
    @discardableResult
    func expectClosed(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue
    {
        let line = try nextClosed()
        #expect(line.reason?.string == reason, sourceLocation: sourceLocation)
        return line
    }

    func signal(_ number: Int32) { child.signal(number) }

    /// Waits for the end and expects its exit code.
    func expectExit(_ status: Int32, sourceLocation: SourceLocation = #_sourceLocation) throws {
        hasExited = true
        let actual = try child.waitForExit()
        #expect(actual == status, "\(child.errors.tail)", sourceLocation: sourceLocation)
        expectSoundness(sourceLocation)
    }

    /// Ends it with SIGTERM and expects a clean exit: a sanitizer's finding shows as an exit code, too.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard !hasExited else { return }
        signal(SIGTERM)
        try expectExit(0, sourceLocation: sourceLocation)
    }

    /// Ends it in any case, after a test that failed.
    func kill() {
        child.end()
        expectSoundness(#_sourceLocation)
    }

    private func expectSoundness(_ sourceLocation: SourceLocation) {
        for sign in [
            "WARNING: ThreadSanitizer", "ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "Fatal error",
        ] {
            #expect(!log.contains(sign), "\(log.suffix(8000))", sourceLocation: sourceLocation)
        }
    }

    private func endpoint(in line: JSONValue) throws -> Endpoint {
        try #require(line.address?.string.flatMap { Endpoint($0) }, "no address in \(line)")
    }
}
