// Token streams: a short prompt up, and a stream of small pieces down, each written when it is due.

import SluiceRandom

/// The gaps of one token stream: drawn, so that they are those of the same seed again.
struct TokenGaps {
    private var generator: SplitMix64
    private let mean: Double

    init(plan: BenchPlan, lane: Int, stream: Int) {
        let mixed = UInt64(lane) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(stream) &* 0xD1B5_4A32_D192_ED03
        generator = SplitMix64(seed: plan.seed ^ mixed)
        mean = 1e9 / plan.tokens.perSecond
    }

    /// Nanoseconds: evenly from half to one and a half times the mean.
    mutating func next() -> UInt64 { UInt64(mean * (0.5 + generator.nextFraction())) }
}

/// The client's end: asks, and takes the time of what arrives.
struct TokenClient {
    let lane: Lane
    static let promptBytes = 16

    func run() {
        let run = lane.run
        withUnsafeTemporaryAllocation(byteCount: run.plan.tokens.bytes, alignment: 16) { token in
            do throws(ExchangeError) {
                while !run.isOver { try receiveStream(into: token) }
            } catch {
                lane.fail(error)
            }
        }
    }

    private func receiveStream(into token: UnsafeMutableRawBufferPointer) throws(ExchangeError) {
        let run = lane.run
        let asked = BenchClock.now
        try lane.socket.send(
            [UInt8](repeating: 0x70, count: Self.promptBytes),
            until: run.end,
            unless: run.stop
        )
        var last = asked
        for index in 0..<run.plan.tokens.count {
            guard !run.isOver else { return }
            let metric: Metric = index == 0 ? .firstToken : .tokenGap
            do {
                try lane.socket.receiveAll(into: token, until: run.end, unless: run.stop)
            } catch {
                recordUnfinished(metric, since: last, asked: asked)
                throw error
            }
            let now = BenchClock.now
            record(metric, asked: asked, now - last)
            run.recorders.count(.tokens)
            lane.count(token.count)
            last = now
        }
        run.recorders.count(.tokenStreams)
    }

    private func record(_ metric: Metric, asked: UInt64, _ nanoseconds: UInt64) {
        lane.run.recorders.record(metric, lane.run.phase(at: asked), nanoseconds)
        if metric == .tokenGap, nanoseconds >= BenchClock.nanoseconds(lane.run.plan.tokens.stallSeconds) {
            lane.run.recorders.count(.stalls)
        }
    }

    /// A token that the end of the run cut off counts only when it was already late: most are just not due yet.
    private func recordUnfinished(_ metric: Metric, since last: UInt64, asked: UInt64) {
        let waited = BenchClock.now - last
        guard waited >= BenchClock.nanoseconds(lane.run.plan.tokens.stallSeconds) else { return }
        record(metric, asked: asked, waited)
        if metric == .firstToken { lane.run.recorders.count(.unanswered) }
    }
}

/// The server's end: a stream for each prompt, until the client closes.
struct TokenServer {
    let lane: Lane

    func run() {
        let plan = lane.run.plan
        let token = [UInt8](repeating: 0x74, count: plan.tokens.bytes)
        withUnsafeTemporaryAllocation(byteCount: TokenClient.promptBytes, alignment: 16) { prompt in
            do throws(ExchangeError) {
                for stream in 0... {
                    try lane.socket.receiveAll(into: prompt, until: .max, unless: lane.run.abort)
                    try send(token, gaps: TokenGaps(plan: plan, lane: lane.index, stream: stream))
                }
            } catch {
                // The client closes when it is done: not an error here, and the client tells its own.
            }
        }
    }

    private func send(_ token: [UInt8], gaps: TokenGaps) throws(ExchangeError) {
        var gaps = gaps
        // Each is due by the schedule, not by when the last one was written: a model does not wait for its socket.
        var due = BenchClock.now
        for _ in 0..<lane.run.plan.tokens.count {
            BenchClock.sleep(until: due, unless: lane.run.abort)
            try lane.socket.send(token, until: .max, unless: lane.run.abort)
            lane.count(token.count)
            due += gaps.next()
        }
    }
}
