import SluiceRandom
import Testing

@testable import SluiceLab

/// What the lab promises about delay and rate, on a simulated clock: with an emulator that reads and writes only in rounds,
/// at irregular times. What the machine adds to it, `make bench-lab` measures.
struct AccuracyTests {
    /// The longest time between two rounds that leaves a delay within 0.3 ms: read late once, written late once.
    private let longestRound = 150_000

    @Test("at 1 Gbit/s, rounds leave every second within 1 % of the rate", arguments: 1...3)
    func rateInRounds(seed: UInt64) throws {
        // 10 % more than the link takes, so that its queue is never empty.
        let packets = 180_000
        let outcomes = try inRounds(
            "rate=1gbit,delay=1ms,queue=2MB",
            seed,
            sent: (0..<packets).map { $0 * 10_909 }
        )
        for from in stride(from: 100 * millisecond, to: 1700 * millisecond, by: 200 * millisecond) {
            let bytes = outcomes.reduce(0) { sum, outcome in
                let isInside = outcome.dueAt != nil && (from..<from + second / 5).contains(outcome.toldAt)
                return sum + (isInside ? Int(outcome.packet.bytes) : 0)
            }
            #expect(abs(Double(bytes) * 8 * 5 / 1e9 - 1) < 0.01)
        }
    }

    @Test(
        "rounds leave every delay within 0.3 ms",
        arguments: [
            ("rate=1gbit,delay=5ms", 12_000), ("rate=50mbit,delay=40ms", 240_000), ("delay=100us", 0),
        ]
    )
    func delayInRounds(text: String, serialization: Int) throws {
        let delay = try LinkSpecification(parsing: text).up.delay.nanoseconds
        let sent = (0..<2000).map { $0 * 3 * millisecond + $0 * 7919 % millisecond }
        let outcomes = try inRounds(text, 4, sent: sent)
        #expect(outcomes.count == sent.count)
        for outcome in outcomes {
            let error = outcome.toldAt - sent[Int(outcome.packet.handle)] - delay - serialization
            #expect((0...300_000).contains(error), "packet \(outcome.packet.handle)")
        }
    }

    /// Packets of 1,500 bytes that are sent at these times: each is read in the next round, and handed over in a round.
    private func inRounds(_ text: String, _ seed: UInt64, sent: [Int]) throws -> [Outcome] {
        var generator = SplitMix64(seed: seed)
        var driver = try ModelDriver(text)
        var now = 0
        var next = 0
        while next < sent.count || driver.model.nextDeadline != nil {
            now += 1 + Int(generator.next() % UInt64(longestRound))
            while next < sent.count, sent[next] <= now {
                driver.model.arrive(Packet(handle: Int32(next), bytes: 1500, arrivedAt: now))
                next += 1
            }
            driver.collect(at: now)
        }
        return driver.outcomes
    }

    @Test("an early alarm makes up for how late timers are, and for no more")
    func earlyAlarm() {
        var alarm = EarlyAlarm()
        #expect(alarm.time(for: 1000) == 1000)
        func ring(late: Int) { alarm.rang(at: 5_000_000 + late, setTo: 5_000_000) }
        for _ in 0..<100 { ring(late: 60_000) }
        #expect((59_990...60_000).contains(alarm.margin))
        // Held up once, by something else.
        ring(late: 50 * millisecond)
        #expect(alarm.margin < 75_000)
        for _ in 0..<100 { ring(late: 50 * millisecond) }
        #expect(alarm.margin <= EarlyAlarm.mostMargin)
        for _ in 0..<200 { ring(late: 0) }
        #expect(alarm.margin < 10)
    }
}
