import Testing

@testable import SluiceBench

/// A server in simulated time: it answers within `service`, but for one stall.
private final class SimulatedServer: RequestChannel {
    private(set) var now: UInt64 = 0
    private(set) var isStopped = false
    private(set) var histograms: [Metric: LatencyHistogram] = [:]
    private(set) var tallies: [Tally: UInt64] = [:]
    let service: UInt64
    /// From when, and until when, it answers nobody.
    var stall: Range<UInt64> = 0..<0
    var stopAt = UInt64.max
    var breakAt = UInt64.max

    init(service: UInt64) { self.service = service }

    func sleep(until instant: UInt64) { advance(to: max(now, instant)) }

    func exchange() throws(ExchangeError) {
        if stall.contains(now) { advance(to: stall.upperBound) }
        advance(to: now + service)
        if now >= breakAt { throw .closed }
    }

    private func advance(to instant: UInt64) {
        now = instant
        if now >= stopAt { isStopped = true }
    }

    func record(_ metric: Metric, due: UInt64, _ nanoseconds: UInt64) {
        histograms[metric, default: .init()].record(nanoseconds)
    }

    func count(_ tally: Tally) { tallies[tally, default: 0] += 1 }
}

private let millisecond: UInt64 = 1_000_000
private let second: UInt64 = 1_000_000_000

@Suite struct RequestLoopTests {
    /// A request is due every 10 ms for 10 s; from 4 s to 5 s the server stands still.
    private func stalled(spacing: Double?) throws -> SimulatedServer {
        var server = SimulatedServer(service: millisecond)
        server.stall = (4 * second)..<(5 * second)
        try RequestLoop(start: 0, end: 10 * second, spacing: spacing).run(over: &server)
        return server
    }

    @Test func `a stall shows in all the requests that were due in it`() throws {
        let server = try stalled(spacing: Double(10 * millisecond))
        let response = try #require(server.histograms[.response])
        #expect(server.tallies[.requests] == 1000)
        #expect(response.count == 1000)
        // 100 requests were due in the stall, and some more waited until the backlog was worked off.
        let slow = try #require(share(of: response, above: 10 * millisecond))
        #expect((0.10...0.12).contains(slow))
        #expect(response.percentile(50) <= 2 * millisecond)
        // The longest waited for nearly the whole stall; a tenth of all waited, on average half of it.
        #expect(abs(Double(response.maximum) - Double(second)) <= Double(12 * millisecond))
        #expect(response.percentile(95) >= 400 * millisecond)
    }

    @Test func `without the correction the same stall is one slow request`() throws {
        let server = try stalled(spacing: Double(10 * millisecond))
        let service = try #require(server.histograms[.service])
        #expect(service.count == 1000)
        #expect(service.percentile(99.8) <= 2 * millisecond)
        #expect(service.maximum >= 990 * millisecond)
    }

    @Test func `a closed loop sends the next request after each response`() throws {
        let server = try stalled(spacing: nil)
        // 9 s of requests that take 1 ms each, and the one that met the stall.
        #expect(server.tallies[.requests] == 9000)
        #expect(server.histograms[.service] == nil)
    }

    @Test func `requests that were due and never sent count with the time they waited`() throws {
        var server = SimulatedServer(service: millisecond)
        server.stall = (8 * second)..<(20 * second)
        try RequestLoop(start: 0, end: 10 * second, spacing: Double(10 * millisecond)).run(over: &server)
        #expect(server.tallies[.requests, default: 0] + server.tallies[.unanswered, default: 0] == 1000)
        #expect(server.tallies[.unanswered, default: 0] >= 198)
        let response = try #require(server.histograms[.response])
        #expect(response.maximum >= 12 * second)
    }

    @Test func `a request that breaks counts with the time it waited`() throws {
        var server = SimulatedServer(service: 5 * millisecond)
        server.breakAt = 50 * millisecond
        #expect(throws: ExchangeError.self) {
            try RequestLoop(start: 0, end: second, spacing: nil).run(over: &server)
        }
        #expect(server.tallies == [.requests: 9, .unanswered: 1])
        #expect(server.histograms[.response]?.count == 10)
    }

    @Test func `a stopped loop sends nothing more`() throws {
        var server = SimulatedServer(service: millisecond)
        server.stopAt = second
        try RequestLoop(start: 0, end: 10 * second, spacing: Double(10 * millisecond)).run(over: &server)
        #expect(server.tallies[.requests] == 100)
    }

    private func share(of histogram: LatencyHistogram, above limit: UInt64) -> Double? {
        histogram.cumulative(limit: 10_000).last { $0.nanoseconds <= limit }.map { 1 - $0.share }
    }
}
