/// When the next block of a rate-limited stream is due.
struct Pacer {
    private let nanosecondsPerByte: Double
    private let start: UInt64
    private var bytes = 0.0

    /// `bitsPerSecond` is this one stream's part. `nil` paces nothing.
    init?(bitsPerSecond: Double?, start: UInt64) {
        guard let bitsPerSecond else { return nil }
        nanosecondsPerByte = 8e9 / bitsPerSecond
        self.start = start
    }

    var due: UInt64 { start + UInt64(bytes * nanosecondsPerByte) }

    mutating func sent(_ count: Int) { bytes += Double(count) }
}

extension Lane {
    /// This lane's part of the plan's bit rate.
    func makePacer() -> Pacer? {
        let share = run.plan.bitsPerSecond.map { Double($0) / Double(run.plan.parallel) }
        return Pacer(bitsPerSecond: share, start: BenchClock.now)
    }
}
