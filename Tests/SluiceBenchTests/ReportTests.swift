import Foundation
import SluiceRandom
import Testing

@testable import SluiceBench
@testable import SluiceLab

@Suite struct ReportTests {
    /// A result that no run made: everything that a page can show, and names that try to break out.
    static func sample(_ label: String, seed: UInt64 = 1) -> BenchResult {
        var generator = SplitMix64(seed: seed)
        var plan = BenchPlan(mode: .mixed, seconds: 9)
        plan.directions = FlowDirection.allCases
        func side(_ role: (FlowDirection) -> FlowSeries.Role, latencies: [LatencyResult]) -> SideReport {
            SideReport(
                facts: .current(),
                lanes: FlowDirection.allCases.enumerated().map { index, direction in
                    LaneReport(
                        lane: index + 1,
                        direction: direction,
                        role: role(direction),
                        bytes: 1 << 30,
                        seconds: 6,
                        retransmits: 12,
                        congestionControl: "cubic"
                    )
                },
                flows: FlowDirection.allCases.map { direction in
                    let points = (0..<9).map { second in
                        FlowPoint(
                            start: Double(second),
                            end: Double(second + 1),
                            bytes: second < 3 ? 0 : UInt64(1e8 * (0.8 + 0.4 * generator.nextFraction())),
                            sender: role(direction) == .sender
                                ? SenderState(
                                    rttMicroseconds: 40_000 + 20_000 * generator.nextFraction(),
                                    retransmits: 1,
                                    congestionWindow: 1 << 20,
                                    sendQueue: 1 << 19
                                ) : nil
                        )
                    }
                    return FlowSeries(direction: direction, role: role(direction), points: points)
                },
                latencySeries: [
                    LatencySeries(
                        metric: .response,
                        points: (0..<9).map { second in
                            LatencyPoint(
                                start: Double(second),
                                end: Double(second + 1),
                                count: 1000,
                                p50: 1_000_000,
                                p99: UInt64(2e6 + (second < 3 ? 0 : 5e7) * generator.nextFraction()),
                                max: 90_000_000
                            )
                        }
                    )
                ],
                latencies: latencies,
                tallies: [.requests: 9000, .stalls: 3],
                cpuSeconds: 1.5
            )
        }
        let latencies = [(Phase.idle, 1e6), (.loaded, 2e7)].map { phase, mean in
            var histogram = LatencyHistogram()
            for _ in 0..<5000 { histogram.record(UInt64(mean * (0.5 - log(1 - generator.nextFraction())))) }
            return LatencyResult(metric: .response, phase: phase, histogram: histogram)
        }
        return BenchResult(
            label: label,
            plan: plan,
            target: "host<script>:5210",
            command: ["sluice", "bench", "client", "it's <b>bold</b>"],
            date: "2026-01-01T00:00:00Z",
            seconds: 9,
            wasInterrupted: true,
            problem: "a \"quoted\" reason",
            client: side({ $0 == .upstream ? .sender : .receiver }, latencies: latencies),
            server: side({ $0 == .upstream ? .receiver : .sender }, latencies: []),
            clock: ClockRelation(isShared: false, offset: 5, uncertainty: 50_000),
            kernelTCPMemory: KernelTCPMemory(start: 0, mean: 1 << 20, peak: 1 << 21, peakSockets: 7),
            observed: ObservedProcess(
                pid: 1,
                name: "proxy & co",
                cpuSeconds: 2,
                residentStart: 1 << 20,
                residentPeak: 1 << 24,
                hasExited: false
            ),
            link: link(seed: seed)
        )
    }

    static func link(seed: UInt64) -> LinkReport {
        func direction(_ scale: Double) -> DirectionReport {
            func counted(_ seconds: Int) -> DirectionStatistics {
                let delay = DelaySummary(
                    minimumMilliseconds: 0,
                    p50Milliseconds: 10 * scale,
                    p90Milliseconds: 20 * scale,
                    p99Milliseconds: 30 * scale,
                    maximumMilliseconds: 40 * scale
                )
                var statistics = DirectionStatistics(
                    seconds: Double(seconds),
                    queueDelay: delay,
                    lateness: delay
                )
                statistics.deliveredPackets = 1000 * seconds
                statistics.deliveredBytes = 1_500_000 * seconds
                statistics.dropped.queueFull = 4
                return statistics
            }
            return DirectionReport(total: counted(9), perSecond: (0..<9).map { _ in counted(1) })
        }
        return LinkReport(
            specification: "rate=12mbit,delay=20ms",
            roundTripMilliseconds: 40,
            queueBytes: ["up": 60_000, "down": .max],
            statistics: LinkStatistics(up: direction(1), down: direction(0.001), cpuSeconds: 0.5)
        )
    }

    @Test func `a page has everything, once, and fetches nothing`() {
        var page = ReportPage([Self.sample("run")])
        page.title = "a < b"
        page.summary = "what & why"
        let html = page.html
        for part in [
            "<h1>a &lt; b</h1>", "<p>what &amp; why</p>",
            "Throughput", "Round-trip time", "Distribution: response", "response, under load", "p99.9",
            "round trips per minute", "proxy &amp; co", "Linux", "prefers-color-scheme: dark", "@media print",
            "width=device-width", "was stopped after", "wait in the link&#39;s queue", "4 queue full",
            "rate=12mbit,delay=20ms: 40 ms round trip, queue up 60000 bytes</dd>",
            "This run: link up: 1 % of the packets were more than 30.0 ms late",
            "a &quot;quoted&quot; reason",
        ] {
            #expect(html.contains(part), "\(part) is missing")
        }
        for part in ["http:", "https:", "<script", "<link rel=\"stylesheet", "@import", "url(", "src="] {
            #expect(!html.contains(part), "\(part) would fetch something")
        }
    }

    @Test func `names from outside stay text`() {
        let html = ReportPage([Self.sample("<img onerror=x>"), Self.sample("two")]).html
        #expect(!html.contains("<img"))
        #expect(!html.contains("<b>"))
        #expect(html.contains("&lt;img onerror=x&gt;, response, idle"))
        #expect(html.contains("&lt;b&gt;bold&lt;/b&gt;"))
        forEachCase { generator in
            let text = String(
                (0..<20).map { _ in Array("<>&\"'a\u{0}\u{1b}é")[Int.random(in: 0..<9, using: &generator)] }
            )
            let escaped = Markup.escape(text)
            #expect(!escaped.contains { "<>\"'\u{0}\u{1b}".contains($0) })
        }
    }

    @Test func `a command can be typed again`() {
        #expect(ReportDocument.quoted("--mode") == "--mode")
        #expect(ReportDocument.quoted("a b") == "'a b'")
        #expect(ReportDocument.quoted("it's") == #"'it'\''s'"#)
        #expect(ReportDocument.quoted("") == "''")
    }

    @Test func `results side by side keep their colours`() {
        let results = (1...3).map { Self.sample("run \($0)", seed: UInt64($0)) }
        let charts = ReportCharts(results).all
        #expect(charts.count == 5)
        for chart in charts {
            for (index, result) in results.enumerated() {
                let lines = chart.lines.filter { $0.name.hasPrefix(result.label) }
                #expect(!lines.isEmpty)
                #expect(lines.allSatisfy { $0.colour == index })
            }
        }
    }

    @Test func `an empty result is a page, too`() {
        var result = Self.sample("nothing")
        let facts = EndpointFacts.current()
        result.client = SideReport(
            facts: facts,
            lanes: [],
            flows: [],
            latencySeries: [],
            latencies: [],
            tallies: [:],
            cpuSeconds: 0
        )
        result.server = nil
        result.link = nil
        result.seconds = 0
        #expect(ReportPage([result]).html.contains("nothing"))
        #expect(ReportPage([]).html.contains("</html>"))
    }

    @Test func `axes hold what is there, and mark round numbers in order`() {
        forEachCase { generator in
            let top = Foundation.pow(10, Double.random(in: -3...12, using: &generator))
            let low = top * generator.nextFraction()
            for axis in [
                Axis.linear("y", upTo: top) { "\($0)" }, .time("x", upTo: top),
                .logarithmic("x", low...top) { "\($0)" },
            ] {
                #expect(axis.ticks.count >= 2 && axis.ticks.count <= 14)
                #expect(axis.ticks.allSatisfy { (0...1.000_001).contains($0.position) })
                #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0.position < $1.position })
                let position = axis.position(top)
                #expect((0...1).contains(position))
                #expect(axis.position(low) <= position)
            }
        }
        let axis = Axis.nines("share", samples: 1000)
        #expect(axis.position(0) == 0)
        #expect(abs(axis.position(0.99) - 2.0 / 3) < 1e-9)
        #expect(axis.position(1) == 1)
    }

    @Test func `kernel statistics are read as proc(5) has them`() {
        let text = "sockets: used 12\nTCP: inuse 5 orphan 0 tw 1 alloc 7 mem 3\nUDP: inuse 0 mem 0\n"
        #expect(TCPSocketStatistics(text).map { [$0.inUse, $0.pages] } == [5, 3])
        #expect(TCPSocketStatistics("UDP: inuse 0 mem 0\n") == nil)
        #expect(TCPSocketStatistics("TCP: inuse\n") == nil)
    }
}
