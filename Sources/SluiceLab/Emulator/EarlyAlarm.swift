/// Sets a timer early, by as much as it is used to ring late.
///
/// A processor that sleeps takes its time to wake up: 5 µs where it is real, 50 to 150 µs in a virtual machine. Whoever is
/// woken too early waits for the rest without sleeping: a few microseconds of processor time for each packet.
struct EarlyAlarm {
    /// Nanoseconds.
    private(set) var margin = 0

    /// A timer that is late by more than this was held up by other work, which says nothing about the next time.
    static let mostMargin = 150_000

    /// When to set the timer to, to be awake at `deadline`.
    func time(for deadline: Int) -> Int { deadline - margin }

    /// It rang at `now`: the margin follows its lateness, an eighth at a time.
    mutating func rang(at now: Int, setTo time: Int) {
        let late = min(max(0, now - time), Self.mostMargin)
        margin += (late - margin) / 8
    }
}
