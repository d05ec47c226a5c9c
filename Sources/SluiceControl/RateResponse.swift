/// Tells a queue of these flows from a path that has become longer, and from somebody else's queue, by what arrives while less is sent.
///
/// As long as a queue stands, the line is busy: what is delivered is what the line carries, however little is sent. So when the
/// flows are held below that, and the queue stands nevertheless, and no more arrives than they send, then it is not
/// theirs. Both sides of the comparison are summed up over the steps of one such time.
struct RateResponse: Sendable {
    /// The queue that should have drained before a judgement, seconds: as much as noise may hide.
    private static let enough = 0.030
    /// And in so many steps: the first one still shows what was sent before.
    private static let leastSteps: UInt8 = 3
    /// Less than this share of the line's rate may be an error of its estimate.
    private static let less = 0.95
    /// A line that carries so much less than is sent has become slower.
    private static let slower = 0.9

    /// Bytes by which less was sent than the line carries, and how many of them came from the queue.
    private var missing = 0.0
    private var drained = 0.0
    /// The most that was delivered since it began: while the queue is theirs, the line's rate.
    private var bandwidth = 0.0
    private var steps: UInt8 = 0

    mutating func forget() {
        missing = 0
        drained = 0
        bandwidth = 0
        steps = 0
    }

    /// One step with a queue before and after.
    /// - Parameters:
    ///   - allowed: bytes per second, as `delivered`.
    ///   - elapsed: seconds.
    /// - Returns: what was delivered before less was sent, when the queue has turned out to be none of these flows.
    mutating func judge(_ delivered: Double, allowed: Double, elapsed: Double)
        -> Double?
    {
        guard delivered >= allowed * Self.slower else {
            forget()
            return nil
        }
        bandwidth = max(bandwidth, delivered)
        guard allowed <= bandwidth * Self.less else { return nil }
        steps += 1
        missing += (bandwidth - allowed) * elapsed
        drained += (delivered - allowed) * elapsed
        guard steps >= Self.leastSteps, missing >= Self.enough * bandwidth else { return nil }
        let isOwn = drained >= missing / 2
        defer { forget() }
        return isOwn ? nil : bandwidth
    }
}
