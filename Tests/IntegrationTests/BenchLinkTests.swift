import Foundation
import Testing

/// `sluice bench client --link`: a server, a link and a client in one command.
@Suite(.serialized, .needsLab) struct BenchLinkTests {
    private static let roundTrip = 30e6

    @Test func `the result has the link and what it did`() throws {
        let result = try bench(
            "rate=20mbit,up.delay=10ms,down.delay=20ms,queue=200ms",
            "--mode",
            "mixed",
            "-t",
            "3",
            "--json"
        )
        let json = try #require(JSONValue(parsing: result))
        #expect(json.problem == nil)
        #expect(json.target?.string == "10.77.0.2:5210")
        #expect(json.command?.array?.contains(.string("--link")) == true)

        let link = try #require(json.link)
        #expect(link.specification?.string?.contains("up.delay=10ms") == true)
        #expect(link.roundTripMilliseconds?.double == 30)
        #expect(link.queueBytes?.up?.int == 500_000)
        let up = try #require(link.statistics?.up)
        let received = json.server?.lanes?.array?.compactMap {
            $0.role?.string == "receiver" ? $0.bytes?.int : nil
        }
        #expect(try #require(up.total?.deliveredBytes?.int) > (received ?? []).reduce(0, +))
        #expect(try #require(up.perSecond?.array?.count) >= 2)
        #expect(try #require(up.total?.queueDelay?.p99Milliseconds?.double) > 0)

        // No response is earlier than the link allows.
        let fastest = json.client?.latencies?.array?.compactMap { $0.histogram?.member("min")?.double }.min()
        #expect(try #require(fastest) >= Self.roundTrip)
    }

    @Test func `the lines and the report show the link`() throws {
        try withTemporaryDirectory { directory in
            let report = directory.appendingPathComponent("report.html").path
            let text = try bench("rate=20mbit,delay=2ms", "-t", "1.2", "-i", "0.5", "--report", report)
            for part in [
                "send queue", "receiver   up", "rate=20mbit", "4 ms round trip", "queue p50", ", link ",
            ] {
                #expect(text.contains(part), "\(part) is missing in \(text)")
            }
            let page = try String(contentsOfFile: report, encoding: .utf8)
            for part in ["wait in the link&#39;s queue", "longest queue", "4 ms round trip", "--link"] {
                #expect(page.contains(part), "\(part) is missing in the report")
            }
        }
    }

    @Test func `the hosts have the congestion control that was asked for`() throws {
        let json = try #require(
            JSONValue(parsing: bench("delay=1ms", "--host-cc", "reno", "-n", "64K", "--json"))
        )
        for side in [json.client, json.server] {
            #expect(side?.lanes?.array?.first?.congestionControl?.string == "reno")
            #expect(side?.facts?.congestionControl?.string == "reno")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a run that is interrupted still reports`(signal: Int32) throws {
        try withTemporaryDirectory { logs in
            let child = try ChildProcess(
                SluiceBinary.path,
                ["bench", "client", "--link", "rate=20mbit,delay=2ms", "-t", "3600", "-i", "0.1"],
                logs: logs
            )
            defer { child.end() }
            _ = try child.output.waitForLine("an interval", from: child) {
                $0.hasPrefix("[  -] 0.00-") ? true : nil
            }
            child.signal(signal)
            #expect(try child.waitForExit() == 0, "\(child.errors.tail)")
            #expect(child.output.text.contains("stopped after"))
            #expect(child.output.text.contains("4 ms round trip"))
        }
    }

    @Test func `what the machine cannot do is an error, and not a report`() throws {
        let result = try run(
            SluiceBinary.path,
            ["bench", "client", "--link", "lan", "--host-cc", "carrier-pigeon", "--json"]
        )
        #expect(result.status == 69)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("carrier-pigeon"))
        #expect(result.errors.contains("reno"))
    }

    /// The link is a fiftieth of what a slow machine moves, so that it decides, and not the machine.
    @Test(.needs(.iperf3), arguments: [false, true])
    func `a stream is as fast as iperf3's, within 3 %`(isReverse: Bool) throws {
        let link = "rate=20mbit,delay=2ms,queue=50ms"
        let way = isReverse ? ["-R"] : []
        let iperf3 = try Tool.iperf3.require()
        var iperf: [Double] = []
        var sluice: [Double] = []
        for _ in 0..<3 {
            let theirs = try Lab.output(
                link: link,
                congestionControl: "reno",
                server: "\(iperf3) -s -1 > /dev/null",
                [iperf3, "--json", "-t", "2", "-c", "10.77.0.2"] + way
            )
            let received = JSONValue(parsing: theirs)?.end?.sum_received?.bits_per_second?.double
            iperf.append(try #require(received, "\(theirs)"))
            sluice.append(try receivedRate(bench(link, ["--host-cc", "reno", "-t", "2", "--json"] + way)))
        }
        let ratio = sluice.sorted()[1] / iperf.sorted()[1]
        #expect(abs(ratio - 1) < 0.03, "\(sluice) beside \(iperf)")
    }

    /// Bits per second until the receiver's last byte.
    private func receivedRate(_ text: String) throws -> Double {
        let json = try #require(JSONValue(parsing: text))
        let lanes = (json.client?.lanes?.array ?? []) + (json.server?.lanes?.array ?? [])
        let receiver = try #require(lanes.first { $0.role?.string == "receiver" })
        return try #require(receiver.bytes?.double) * 8 / #require(receiver.seconds?.double)
    }

    private func bench(_ link: String, _ arguments: String...) throws -> String {
        try bench(link, arguments)
    }

    private func bench(_ link: String, _ arguments: [String]) throws -> String {
        try succeed(SluiceBinary.path, ["bench", "client", "--link", link] + arguments)
    }
}

/// The command line of `--link`, which needs no lab.
@Suite struct BenchLinkUsageTests {
    @Test(arguments: [
        ([], "--link SPEC"), (["127.0.0.1", "--link", "lan"], "exclude each other"),
        (["--link", "dls"], "dsl-bloated"), (["--link", "rate=5"], "rate=5"),
        (["127.0.0.1", "--host-cc", "bbr"], "--congestion"),
        (["--link", "lan", "-P", "0"], "must be from 1 to 1024"),
    ])
    func `wrong usage says what is right`(arguments: [String], part: String) throws {
        let result = try run(SluiceBinary.path, ["bench", "client"] + arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains(part), "\(result.errors)")
    }
}
