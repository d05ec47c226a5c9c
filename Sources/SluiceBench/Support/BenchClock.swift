import CSluiceLinux
import Glibc

/// The clock of the bench: nanoseconds of `CLOCK_MONOTONIC`, which every process of one machine shares, in whatever
/// network namespace it lives.
enum BenchClock {
    static let second: UInt64 = 1_000_000_000

    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * second + UInt64(time.tv_nsec)
    }

    /// Seconds as nanoseconds. Negative counts as zero.
    static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, seconds) * 1e9) }

    /// Sleeps until the clock shows `instant`, or `stop` opens. Wakes in steps, because the sleep itself cannot be
    /// ended from outside.
    static func sleep(until instant: UInt64, unless stop: Gate) {
        while !stop.isOpen {
            let now = now
            guard now < instant else { return }
            sleepOnce(until: min(instant, now + step))
        }
    }

    /// This thread wakes as exactly as the kernel can: a late send would count as latency.
    static func wakeExactly() { csluice_set_timer_slack(1) }

    private static let step: UInt64 = 50_000_000

    private static func sleepOnce(until instant: UInt64) {
        var time = timespec(tv_sec: Int(instant / second), tv_nsec: Int(instant % second))
        _ = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
    }
}
