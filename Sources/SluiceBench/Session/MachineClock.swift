/// How this machine's clock relates to a peer's.
enum MachineClock {
    /// Exchanges of clocks before each run. The quickest one counts.
    static let rounds = 8

    /// Differs between machines, and between boots of one: the same one means the same `CLOCK_MONOTONIC`.
    static var bootID: String { ProcFile.line("/proc/sys/kernel/random/boot_id") ?? "" }

    /// One exchange: asked, answered, and what the peer's clock showed in between. Nanoseconds.
    struct Exchange: Sendable {
        var asked: UInt64
        var peer: UInt64
        var answered: UInt64
    }

    /// Takes the quickest exchange: the less time it took, the less of it can have been on one way only (as NTP does).
    static func relate(_ exchanges: [Exchange], isShared: Bool) -> ClockRelation {
        guard !isShared,
            let best = exchanges.min(by: { $0.answered - $0.asked < $1.answered - $1.asked })
        else { return ClockRelation(isShared: isShared, offset: 0, uncertainty: 0) }
        let half = (best.answered - best.asked) / 2
        return ClockRelation(
            isShared: false,
            offset: Int64(bitPattern: best.asked &+ half &- best.peer),
            uncertainty: half
        )
    }
}
