/// Counts what happens to the packets of one direction, in total and for each second.
struct DirectionRecorder {
    private var total = Tally()
    private var second = Tally()
    private var finished: [DirectionStatistics] = []
    private let start: Int
    private var secondStart: Int

    private struct Tally {
        var arrivedPackets = 0
        var arrivedBytes = 0
        var deliveredPackets = 0
        var deliveredBytes = 0
        var dropped = DropCounts()
        var maximumQueuedBytes = 0
        var queueDelay = DelayHistogram()
        var lateness = DelayHistogram()

        func statistics(over nanoseconds: Int) -> DirectionStatistics {
            DirectionStatistics(
                seconds: Double(nanoseconds) / 1e9,
                arrivedPackets: arrivedPackets,
                arrivedBytes: arrivedBytes,
                deliveredPackets: deliveredPackets,
                deliveredBytes: deliveredBytes,
                dropped: dropped,
                queueDelay: queueDelay.summary,
                maximumQueuedBytes: maximumQueuedBytes,
                lateness: lateness.summary
            )
        }

        /// Keeps the histograms' memory.
        mutating func reset() {
            arrivedPackets = 0
            arrivedBytes = 0
            deliveredPackets = 0
            deliveredBytes = 0
            dropped = DropCounts()
            maximumQueuedBytes = 0
            queueDelay.reset()
            lateness.reset()
        }
    }

    init(start: Int) {
        self.start = start
        secondStart = start
    }

    /// Finishes the seconds that are over by `now`.
    mutating func roll(to now: Int) {
        while now - secondStart >= 1_000_000_000 {
            finished.append(second.statistics(over: 1_000_000_000))
            second.reset()
            secondStart += 1_000_000_000
        }
    }

    mutating func arrived(bytes: Int, queuedBytes: Int) {
        record {
            $0.arrivedPackets += 1
            $0.arrivedBytes += bytes
            $0.maximumQueuedBytes = max($0.maximumQueuedBytes, queuedBytes)
        }
    }

    mutating func delivered(bytes: Int, queueDelay: Int, lateness: Int) {
        record {
            $0.deliveredPackets += 1
            $0.deliveredBytes += bytes
            $0.queueDelay.record(nanoseconds: queueDelay)
            $0.lateness.record(nanoseconds: lateness)
        }
    }

    mutating func dropped(_ cause: DropCause) {
        record { $0.dropped.count(cause) }
    }

    func report(at now: Int) -> DirectionReport {
        DirectionReport(total: total.statistics(over: now - start), perSecond: finished)
    }

    @inline(__always)
    private mutating func record(_ update: (inout Tally) -> Void) {
        update(&total)
        update(&second)
    }
}
