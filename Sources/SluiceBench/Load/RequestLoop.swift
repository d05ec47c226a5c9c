// When requests are sent, and from when their latency counts. It touches neither socket nor clock, so that a test can
// let time stand still.

/// What requests are sent over.
protocol RequestChannel {
    /// Nanoseconds.
    var now: UInt64 { get }
    /// The run was stopped.
    var isStopped: Bool { get }
    mutating func sleep(until instant: UInt64)
    /// Sends one request and waits for its whole response.
    mutating func exchange() throws(ExchangeError)
    func record(_ metric: Metric, due: UInt64, _ nanoseconds: UInt64)
    func count(_ tally: Tally)
}

/// One connection's requests, from the first to the end of the run.
///
/// In an open loop each request has an instant at which it is due, whatever became of those before it. Its latency
/// counts from there and not from when it was sent: otherwise a server that stalls would delay the very requests that
/// would show it (coordinated omission: G. Tene, "How NOT to Measure Latency").
struct RequestLoop {
    /// The first request is due.
    let start: UInt64
    /// No request is sent that is due later.
    let end: UInt64
    /// Nanoseconds between two due requests. `nil`: a closed loop.
    let spacing: Double?

    func run(over channel: inout some RequestChannel) throws(ExchangeError) {
        var sent = 0
        while !channel.isStopped {
            let due = due(sent, now: channel.now)
            guard due < end else { return }
            if spacing != nil {
                guard channel.now < end else { break }
                channel.sleep(until: due)
                if channel.isStopped { break }
            }
            try exchange(due: due, over: &channel)
            sent += 1
        }
        recordOverdue(from: sent, channel)
    }

    private func due(_ index: Int, now: UInt64) -> UInt64 {
        guard let spacing else { return now }
        return start + UInt64(Double(index) * spacing)
    }

    private func exchange(due: UInt64, over channel: inout some RequestChannel) throws(ExchangeError) {
        let sentAt = channel.now
        do {
            try channel.exchange()
        } catch {
            // The time that it has waited is a lower bound of its latency.
            channel.record(.response, due: due, channel.now - min(due, channel.now))
            channel.count(.unanswered)
            throw error
        }
        let now = channel.now
        channel.record(.response, due: due, now - due)
        if spacing != nil { channel.record(.service, due: due, now - sentAt) }
        channel.count(.requests)
    }

    /// Those that were due, and could not be sent because others were late.
    private func recordOverdue(from index: Int, _ channel: some RequestChannel) {
        guard spacing != nil else { return }
        let now = channel.now
        var index = index
        while case let due = due(index, now: now), due < min(end, now) {
            channel.record(.response, due: due, now - due)
            channel.count(.unanswered)
            index += 1
        }
    }
}
