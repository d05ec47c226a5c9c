import Glibc
import SluiceRandom

/// The rate of a link over time: constant between given instants, and known from the beginning, so that a burst's departure can
/// be told when it arrives.
struct RateSchedule {
    private struct Step {
        var time: Double
        /// Bytes per second.
        var rate: Double
        /// Bytes that the link could have carried until `time`.
        var carried: Double
    }

    private var steps: [Step]
    /// The step of the last time that was asked for: times only grow.
    private var cursor = 0

    init(_ rate: Double) {
        steps = [Step(time: 0, rate: rate, carried: 0)]
    }

    /// A radio link, roughly as traces of LTE show it: the rate wanders between a fifth of the mean and twice the mean, anew every
    /// 50 ms.
    static func radio(mean: Double, seconds: Double, seed: UInt64) -> RateSchedule {
        var random = SplitMix64(seed: seed)
        var schedule = RateSchedule(mean)
        var rate = mean
        var time = 0.0
        while time < seconds {
            time += 0.05
            // Back towards the mean, and a step aside.
            rate += (mean - rate) * 0.08 + mean * 0.35 * (random.nextFraction() * 2 - 1)
            rate = min(max(rate, mean / 5), mean * 2)
            schedule.change(to: rate, at: time)
        }
        return schedule
    }

    /// A mobile one on the move, as traces of a drive show it: the rate wanders by factors of two and three within seconds, swings about
    /// that within a tenth of a second, and stops altogether now and then, for up to three seconds.
    static func mobile(mean: Double, seconds: Double, seed: UInt64) -> RateSchedule {
        var random = SplitMix64(seed: seed)
        var schedule = RateSchedule(mean)
        // Doublings above the mean.
        var level = 0.0
        var time = 0.0
        while time < seconds {
            if random.nextFraction() < 0.05 / outageInterval {
                schedule.change(to: outageRate, at: time)
                time += random.logarithmic(0.3, 3)
            }
            level += -level * 0.01 + 0.45 * (random.nextFraction() * 2 - 1)
            let swing = 1 + 0.6 * (random.nextFraction() * 2 - 1)
            schedule.change(to: max(mean * exp2(level) * swing, outageRate), at: time)
            time += 0.05
        }
        return schedule
    }

    /// Seconds between two outages, in the mean.
    private static let outageInterval = 12.0
    /// Bytes per second: hardly anything.
    private static let outageRate = 2000.0

    /// Changes are given in the order of their times.
    mutating func change(to rate: Double, at time: Double) {
        let last = steps[steps.count - 1]
        precondition(time >= last.time)
        steps.append(
            Step(time: time, rate: rate, carried: last.carried + (time - last.time) * last.rate)
        )
    }

    /// Bytes per second at a time not before the last one asked for.
    mutating func rate(at time: Double) -> Double {
        advance(to: time)
        return steps[cursor].rate
    }

    /// Bytes that the link could have carried until a time not before the last one asked for.
    mutating func carried(until time: Double) -> Double {
        advance(to: time)
        let step = steps[cursor]
        return step.carried + (time - step.time) * step.rate
    }

    /// When the link has carried so many bytes, from the last time asked for on.
    func time(ofCarried bytes: Double) -> Double {
        var index = cursor
        while index + 1 < steps.count, steps[index + 1].carried < bytes { index += 1 }
        let step = steps[index]
        return step.time + (bytes - step.carried) / step.rate
    }

    /// Mean rate between two times.
    func mean(from start: Double, to end: Double) -> Double {
        var copy = self
        copy.cursor = 0
        let before = copy.carried(until: start)
        return (copy.carried(until: end) - before) / (end - start)
    }

    private mutating func advance(to time: Double) {
        while cursor + 1 < steps.count, steps[cursor + 1].time <= time { cursor += 1 }
    }
}
