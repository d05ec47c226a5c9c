/// Tells a queue from a path that has become longer, by what follows when a window shrinks.
///
/// What is in flight is the rate of delivery times the round-trip time (Little, 1961). When it shrinks by some share, one of the
/// two has to: with a queue on the path it is the round-trip time, and the line stays busy. Without one, or
/// where somebody else fills it, it is the rate.
struct WindowResponse: Sendable {
    /// A smaller change than this is hidden in the noise.
    private static let enough = 0.8
    private static let steady = 1.1

    /// Of the step with which the queue began; 0: there is none.
    private var inFlight = 0.0
    private var roundTrip = 0.0
    private var bandwidth = 0.0

    mutating func forget() { inFlight = 0 }

    /// One step with a queue.
    /// - Parameter bandwidth: what was taken for the line's rate before.
    /// - Returns: what was taken for it before the window began to shrink, when that has turned out to be no queue.
    mutating func judge(_ delivered: Double, roundTrip now: Double, bandwidth before: Double) -> Double? {
        let present = delivered * now
        guard inFlight > 0 else {
            inFlight = present
            roundTrip = now
            bandwidth = before
            return nil
        }
        // Longer still: the line is becoming slower, or the smoothed time is on its way.
        guard now <= roundTrip * Self.steady else {
            inFlight = present
            roundTrip = now
            return nil
        }
        guard present <= inFlight * Self.enough else { return nil }
        let shrunk = 1 - present / inFlight
        let followed = 1 - now / roundTrip
        let isQueue = followed >= shrunk / 2
        let found = bandwidth
        // From here on anew.
        inFlight = isQueue ? present : 0
        roundTrip = now
        return isQueue ? nil : found
    }
}
