/// Walks through a trace's delivery opportunities, again and again.
struct TraceClock {
    private let trace: DeliveryTrace
    private let start: Int
    private var loop = 0
    private var index = 0

    /// The recording starts at `start`.
    init(_ trace: DeliveryTrace, start: Int) {
        self.trace = trace
        self.start = start
    }

    /// When the next opportunity is.
    var next: Int { start + loop * trace.period + trace.opportunities[index] }

    /// That opportunity is used up.
    mutating func advance() {
        index += 1
        if index == trace.opportunities.count {
            index = 0
            loop += 1
        }
    }

    /// Lets all opportunities up to and at `time` pass unused.
    mutating func skip(through time: Int) {
        guard next <= time else { return }
        loop = (time - start) / trace.period
        let within = time - start - loop * trace.period
        index = trace.opportunities.firstIndexAbove(within)
        if index == trace.opportunities.count {
            index = 0
            loop += 1
        }
        // A recording may begin with opportunities at 0, the moment at which the one before it ends.
        while next <= time { advance() }
    }
}

extension [Int] {
    /// In an ascending array: where the first element above `value` stands.
    fileprivate func firstIndexAbove(_ value: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
