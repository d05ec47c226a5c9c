/// Watches one connection's reads and says when they do not look like the class that its port suggested.
///
/// It counts reads, bytes and turns (a read in the other direction than the one before) in windows of 5 s,
/// judges each window, and speaks up only after the same verdict in several windows in a row. Every
/// correction doubles the number of windows that the next one needs, so that a connection cannot go back and
/// forth between two classes. A window without traffic says nothing.
///
/// What it may say:
/// - a lasting transfer is `network`, whatever the port: a replica or a dump on a database's port;
/// - a connection on a port that says nothing is `cache` when it asks and answers small messages at a high
///   rate, and `telemetry` when it exchanges few, small and regular ones;
/// - a connection that shows nothing of the kind any more is what the port says.
public struct TrafficShape: Sendable {
    static let window: UInt32 = 5000

    /// The class that the connection has now.
    public private(set) var flowClass: FlowClass
    private let guess: FlowClass
    private var counts = WindowCounts()
    private var previousTurns: UInt32 = 0
    private var windowStart: UInt32?
    private var verdict: FlowClass
    private var streak: UInt16 = 0
    private var corrections: UInt8 = 0

    /// - Parameter guess: `ClassGuess.fromPort`. A class that was configured is nobody's to correct: make no
    ///   shape then.
    public init(guess: FlowClass) {
        self.guess = guess
        flowClass = guess
        verdict = guess
    }

    /// Called after every read, in either direction: a few integer instructions.
    public mutating func noteRead(_ direction: Direction, bytes: Int) {
        counts.note(direction, bytes: UInt32(clamping: bytes))
    }

    /// Called with each sample. Returns the corrected class, once, when the evidence has become strong.
    /// - Parameter time: monotonic microseconds.
    public mutating func correction(at time: UInt64) -> FlowClass? {
        let now = time.milliseconds
        guard let start = windowStart else {
            windowStart = now
            return nil
        }
        let length = now &- start
        guard length >= Self.window else { return nil }
        windowStart = now
        defer { counts = WindowCounts() }
        guard counts.reads > 0 else { return nil }

        let seen = judge(seconds: Double(length) / 1000)
        previousTurns = counts.turns
        streak = seen == verdict ? min(streak + 1, .max - 1) : 1
        verdict = seen
        guard seen != flowClass, streak >= windowsNeeded(for: seen) else { return nil }
        flowClass = seen
        corrections = min(corrections + 1, 7)
        return seen
    }

    private func windowsNeeded(for flowClass: FlowClass) -> UInt16 {
        // A person at a terminal looks like telemetry for a while; nobody types evenly for a minute.
        let base: UInt16 = flowClass == .telemetry ? 12 : 3
        return base << UInt16(corrections)
    }

    private func judge(seconds: Double) -> FlowClass {
        if counts.isBulk(seconds: seconds) { return .network }
        guard guess == .network else { return guess }
        if counts.isChatter(seconds: seconds) { return .cache }
        if counts.isPeriodic(seconds: seconds, previousTurns: previousTurns) { return .telemetry }
        return .network
    }
}

/// What one window of `TrafficShape` has counted.
private struct WindowCounts: Sendable {
    private(set) var reads: UInt32 = 0
    private(set) var turns: UInt32 = 0
    private var bytes: UInt32 = 0
    private var largest: UInt32 = 0
    private var last: Direction?

    mutating func note(_ direction: Direction, bytes count: UInt32) {
        reads &+= 1
        let (sum, overflow) = bytes.addingReportingOverflow(count)
        bytes = overflow ? .max : sum
        largest = max(largest, count)
        if last != direction {
            turns &+= 1
            last = direction
        }
    }

    /// A megabyte a second, and a quarter of a megabyte before the other side speaks.
    func isBulk(seconds: Double) -> Bool {
        Double(bytes) >= seconds * Double(1 << 20) && bytes / max(turns, 1) >= 256 << 10
    }

    /// At least fifty small messages a second, in turns.
    func isChatter(seconds: Double) -> Bool {
        Double(turns) >= seconds * 50 && bytes / max(reads, 1) <= 1024
    }

    /// A few small messages both ways, as many as in the window before.
    func isPeriodic(seconds: Double, previousTurns: UInt32) -> Bool {
        let difference = turns > previousTurns ? turns - previousTurns : previousTurns - turns
        return turns >= 2 && Double(turns) <= seconds * 40 && largest <= 1024
            && difference <= max(2, turns / 8)
    }
}
