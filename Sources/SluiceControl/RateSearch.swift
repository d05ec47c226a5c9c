/// How fast a rate grows while no queue shows that the line is full.
///
/// Careful at first: on a steady path a step too many is a queue of its own. Quick on one whose rate swings. And where the line
/// carries clearly more than when a queue stood last, as after a radio link's bad minute, by as much again with each step.
///
/// A value: rates in bytes per second.
struct RateSearch: Sendable {
    /// By how many steps in a row no queue has stood.
    private static let growth = (first: 1.02, second: 1.05, third: 1.1, later: 1.25)
    /// Slow start is no faster.
    private static let most = 2.0
    /// A path whose rate swings is so many steps ahead.
    private static let lead: UInt8 = 2
    private static let quick: UInt8 = 2
    private static let last: UInt8 = 4
    private static let plainly = 1.25

    private var steps: UInt8 = 0
    /// Of `growth`, that of the last step; 0: a queue stood.
    private var pace: UInt8 = 0
    /// What the line carried when a queue stood last.
    private var full = 0.0
    private var present = 0.0

    /// The rate is looked for, and need not be counted finely.
    var isQuick: Bool { pace >= Self.quick }

    /// The line carries clearly more than when a queue stood last, and nobody knows yet how much.
    var hasFoundMore: Bool { pace >= Self.last && present > Self.plainly * full }

    /// A queue stands, or might: `bandwidth` is what the line carries.
    mutating func end(at bandwidth: Double) {
        self = RateSearch()
        full = bandwidth
    }

    /// - Parameters:
    ///   - bandwidth: what the line carries at least.
    ///   - safe: by how much more a full line may be sent without a queue to speak of.
    /// - Returns: by how much more to send.
    mutating func grow(from bandwidth: Double, isSwinging: Bool, safe: Double) -> Double {
        present = bandwidth
        if steps < Self.last { steps += 1 }
        pace = steps + (isSwinging ? Self.lead : 0)
        let found = min(bandwidth / max(full, 1), Self.most)
        let bound = max(safe, Self.growth.second, found)
        switch pace {
        case 1: return Self.growth.first
        case 2: return Self.growth.second
        case 3: return min(Self.growth.third, bound)
        default: return min(max(Self.growth.later, found), bound)
        }
    }
}
