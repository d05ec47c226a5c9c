import SluiceControl

/// Holds one direction of a connection to the bandwidth of its route and of its client, by when it reads: what is not read
/// waits in the source's kernel, and the sender slows down.
///
/// It reserves a piece of the bandwidth before each read, and where that is in the future, the direction reads nothing until
/// then. So connections that share a limit take turns, in the order in which they asked.
///
/// Owned by its half relay. Thread: its loop's.
final class ReadPacer: DeadlineEntry {
    /// A limit that this direction shares with others.
    private struct Limit {
        let bucket: TokenBucket
        let rate: TokenRate
    }

    /// A piece is at most this part of a second's worth, so that everybody's turn comes soon; but not so small that the calls
    /// cost more than the bytes.
    private static let piecesPerSecond = 20
    private static let smallestPiece = 1024

    /// Valid as long as the half relay, which the connection stops before it goes.
    private unowned(unsafe) let connection: Connection
    private unowned(unsafe) let half: HalfRelay
    private let route: Limit?
    private let client: Limit?
    private let piece: Int
    /// Bytes that were taken out of the buckets, and not read yet.
    private var reserved = 0
    /// Whether the time of the reservation has yet to come.
    private(set) var isWaiting = false

    /// `nil` where nothing limits this direction.
    init?(connection: Connection, half: HalfRelay, direction: Direction) {
        let limits = connection.route.limits
        func bucket(of buckets: DirectionBuckets) -> TokenBucket {
            direction == .upstream ? buckets.upstream : buckets.downstream
        }
        route = limits.bandwidth.map { Limit(bucket: bucket(of: connection.route.usage.bandwidth), rate: $0) }
        if let usage = connection.clientUsage, let rate = limits.bandwidthPerClient {
            client = Limit(bucket: bucket(of: usage.bandwidth), rate: rate)
        } else {
            client = nil
        }
        let slowest = [route, client].compactMap { $0?.rate.unitsPerSecond }.min()
        guard let slowest else { return nil }
        piece = max(Self.smallestPiece, slowest / Self.piecesPerSecond)
        self.connection = connection
        self.half = half
    }

    /// How many of `wanted` bytes may be read now. 0: none, and the direction is pumped again when its time has come. After
    /// anything else comes exactly one `noteRead`.
    func allowance(_ wanted: Int) -> Int {
        guard !isWaiting else { return 0 }
        if reserved == 0 { reserve(min(wanted, piece)) }
        return isWaiting ? 0 : min(wanted, reserved)
    }

    /// So many of the allowed bytes were read. The rest is others'.
    func noteRead(_ count: Int) {
        giveBack(reserved - count)
        reserved = 0
    }

    /// The direction is over.
    func stop() {
        connection.context.deadlines.cancel(self)
        isWaiting = false
        noteRead(0)
    }

    override func deadlineReached(now: UInt64) {
        isWaiting = false
        connection.resumeReading(half)
    }

    private func reserve(_ count: Int) {
        let now = MonotonicClock.nanoseconds
        reserved = count
        var wait = 0
        if let route { wait = route.bucket.reserve(count, at: route.rate, now: now) }
        if let client { wait = max(wait, client.bucket.reserve(count, at: client.rate, now: now)) }
        guard wait > 0 else { return }
        isWaiting = true
        let context = connection.context
        context.deadlines.schedule(self, at: context.loop.now + UInt64(wait) / 1_000_000)
        context.metrics.routes[connection.route.index].pacedReads += 1
    }

    private func giveBack(_ count: Int) {
        if let route { route.bucket.giveBack(count, at: route.rate) }
        if let client { client.bucket.giveBack(count, at: client.rate) }
    }
}
