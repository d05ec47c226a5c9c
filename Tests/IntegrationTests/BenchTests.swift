import Foundation
import Testing

/// The bench as its users run it: whole processes, directly and through a proxy.
@Suite struct BenchTests {
    @Test func `a run prints lines and a summary of both ends`() throws {
        try withBenchServer { server, _ in
            let result = try benchClient(server, "-t", "0.5", "-i", "0.2", "--bidir", "-P", "2")
            #expect(result.status == 0, "\(result.errors)")
            for part in [
                "[SUM]", "send queue", "sender     up", "receiver   up", "sender     down", "retransmits",
            ] {
                #expect(result.output.contains(part), "\(part) is missing in \(result.output)")
            }
            #expect(!result.output.contains("\r"))
        }
    }

    @Test(arguments: ["stream", "rr", "tokens", "mixed", "freshness", "connect"])
    func `every mode works through the proxy`(mode: String) throws {
        try withBenchServer { server, _ in
            try withSluice(to: server) { proxy in
                let pid = "\(proxy.processIdentifier)"
                let arguments = ["-t", "0.6", "--mode", mode, "--json", "--bidir", "--observe-pid", pid]
                let listener = try proxy.listener()
                let result = try run(SluiceBinary.path, ["bench", "client", "\(listener)"] + arguments)
                #expect(result.status == 0, "\(result.errors)")
                let json = try #require(JSONValue(parsing: result.output))
                #expect(json.problem == nil)
                #expect(json.observed?.pid?.int == Int(proxy.processIdentifier))
                #expect(json.observed?.residentPeak?.int ?? 0 > 0)
                #expect(json.server?.facts?.sluice?.string != nil)
                let lanes = (json.client?.lanes?.array ?? []) + (json.server?.lanes?.array ?? [])
                for direction in ["upstream", "downstream"] {
                    let flows = lanes.filter { $0.direction?.string == direction }
                    #expect(flows.count == (["stream", "mixed", "freshness"].contains(mode) ? 2 : 0))
                    #expect(Set(flows.map { $0.bytes?.int }).count <= 1, "a byte was lost")
                }
            }
        }
    }

    @Test func `a run that is interrupted still reports`() throws {
        try withBenchServer { server, _ in
            try withTemporaryDirectory { logs in
                let client = try ChildProcess(
                    SluiceBinary.path,
                    ["bench", "client", "\(server)", "-t", "3600", "-i", "0.1"],
                    logs: logs
                )
                defer { client.end() }
                _ = try client.output.waitForLine("an interval", from: client) {
                    $0.hasPrefix("[  -] 0.00-") ? true : nil
                }
                client.signal(SIGINT)
                #expect(try client.waitForExit() == 0)
                #expect(client.output.text.contains("stopped after"))
                #expect(client.output.text.contains("receiver   up"))
            }
        }
    }

    @Test func `a server that is killed leaves a report and an error`() throws {
        try withTemporaryDirectory { logs in
            let server = try ChildProcess(
                SluiceBinary.path,
                ["bench", "server", "--listen", "127.0.0.1:0"],
                logs: logs
            )
            defer { server.end() }
            let line = try server.output.waitForLine("a line", from: server) { $0 }
            let address = try #require(line.split(separator: " ").last.map(String.init))
            let client = try ChildProcess(
                SluiceBinary.path,
                ["bench", "client", address, "-t", "3600", "-i", "0.1"],
                logs: logs
            )
            defer { client.end() }
            _ = try client.output.waitForLine("an interval", from: client) {
                $0.hasPrefix("[  -] 0.00-") ? true : nil
            }
            server.signal(SIGKILL)
            #expect(try client.waitForExit() == 69)
            #expect(client.output.text.contains("the server's side is missing"))
        }
    }

    @Test func `a server for one run ends after it`() throws {
        try withBenchServer(["--one-off"]) { server, process in
            #expect(try benchClient(server, "-n", "1M").status == 0)
            try process.expectExit(0)
            let refused = try benchClient(server, "-n", "1M")
            #expect(refused.status == 69)
            #expect(refused.errors.contains("refused the connection"))
        }
    }

    @Test(arguments: [
        (["-b", "fast"], "'fast' is not a bit rate"), (["-n", "10Q"], "'q' is not a unit"),
        (["-t", "-1"], "Missing value"), (["-t", "1", "-n", "1"], "exclude each other"),
        (["-P", "0"], "must be from 1 to 1024"), (["--mode", "rr", "-n", "1M"], "--mode stream only"),
        (["--mode", "fast"], "stream"), (["-R", "--bidir"], "exclude each other"),
    ])
    func `wrong usage says what is right`(arguments: [String], part: String) throws {
        let result = try run(SluiceBinary.path, ["bench", "client", "127.0.0.1"] + arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(part), "\(result.errors)")
    }
}
