/// One origin's warm connections: how many there are to be, how long each may wait, and when there are better none. Pure: told
/// what happened, and when; the pool opens and closes them.
///
/// Times are milliseconds of the loops' monotonic clock.
struct WarmStock {
    /// So many in a row that came to nothing (a connect that failed, a connection that the origin ended within a second), and
    /// none are opened for a while.
    static let restRules = EjectionState.Rules(failures: 3, time: 10_000, longestTime: 300_000)

    private let most: Int
    /// The oldest first.
    private(set) var ready: [WarmConnection] = []
    /// Connects under way.
    private(set) var connecting = 0
    private(set) var isClosed = false
    private var arrivals = ArrivalRate()
    private var age: WarmAge
    private var rest = EjectionState()
    private var reportedRest: UInt64 = 0

    init(_ configuration: WarmPoolConfiguration) {
        most = configuration.most
        age = WarmAge(longest: configuration.maxAge.milliseconds)
        // Not grown on the way of a connection.
        ready.reserveCapacity(min(most, 64))
    }

    // MARK: How many

    /// Ready ones and connects under way together.
    ///
    /// What was taken and not replaced yet are the arrivals of one connect time: Poisson, of mean rate times connect time,
    /// whatever the connect times' distribution (Palm 1938). Twice its deviation above the mean serves about nineteen arrivals of
    /// twenty. None, once nobody came for as long as one may wait.
    func target(at now: UInt64, connectSeconds: Double) -> Int {
        guard isWanted(at: now), !rest.isEjected(at: now) else { return 0 }
        let underWay = arrivals.perSecond(at: now) * connectSeconds
        let wanted = (underWay + 2 * underWay.squareRoot()).rounded(.up)
        return wanted < Double(most) ? max(1, Int(wanted)) : most
    }

    private func isWanted(at now: UInt64) -> Bool {
        guard !isClosed, let last = arrivals.last else { return false }
        return now < last + age.limit(at: now)
    }

    // MARK: Opening

    /// How many connects to begin now, of which each ends in `connected`, `notKept` or `failed`. At most
    /// `room`.
    mutating func open(at now: UInt64, connectSeconds: Double, room: Int) -> Int {
        let missing = target(at: now, connectSeconds: connectSeconds) - ready.count - connecting
        let count = max(0, min(missing, room))
        connecting += count
        return count
    }

    /// Returns whether it is the stock's from here on.
    mutating func connected(_ connection: WarmConnection) -> Bool {
        connecting -= 1
        guard !isClosed else { return false }
        ready.append(connection)
        return true
    }

    /// It was connected, and closed: what it takes is needed elsewhere.
    mutating func notKept() { connecting -= 1 }

    mutating func failed(at now: UInt64) {
        connecting -= 1
        _ = rest.failed(at: now, by: Self.restRules)
    }

    // MARK: Using

    mutating func noteArrival(at now: UInt64) { arrivals.note(at: now) }

    /// The oldest, so that under load none gets old. `nil`: none is ready.
    mutating func takeOldest() -> WarmConnection? { ready.isEmpty ? nil : ready.removeFirst() }

    func isAged(_ connection: WarmConnection, at now: UInt64) -> Bool {
        now >= connection.openedAt + age.limit(at: now)
    }

    /// One was of use.
    mutating func noteUse(at now: UInt64) {
        if rest.wantsSuccess { rest.succeeded(at: now) }
    }

    // MARK: Closing

    /// Takes out what has waited long enough.
    mutating func takeAged(at now: UInt64) -> [WarmConnection] {
        guard isWanted(at: now) else { return takeAll() }
        guard let oldest = ready.first, isAged(oldest, at: now) else { return [] }
        let limit = age.limit(at: now)
        return take { now >= $0.openedAt + limit }
    }

    /// Takes out those at these positions, which their peer has ended.
    mutating func takeEnded(_ positions: [Int], at now: UInt64) -> [WarmConnection] {
        guard !positions.isEmpty else { return [] }
        let ended = positions.map { ready[$0] }
        for position in positions.reversed() { ready.remove(at: position) }
        for connection in ended { noteEnd(of: connection, at: now) }
        return ended
    }

    /// Its peer has ended it while it was warm.
    mutating func noteEnd(of connection: WarmConnection, at now: UInt64) {
        let lived = now > connection.openedAt ? now - connection.openedAt : 0
        if lived < WarmAge.shortest {
            _ = rest.failed(at: now, by: Self.restRules)
        } else {
            age.ended(after: lived, at: now)
        }
    }

    mutating func take(where isMeant: (WarmConnection) -> Bool) -> [WarmConnection] {
        let taken = ready.filter(isMeant)
        if !taken.isEmpty { ready.removeAll(where: isMeant) }
        return taken
    }

    mutating func takeAll() -> [WarmConnection] {
        guard !ready.isEmpty else { return [] }
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    /// The newest: it would have waited longest.
    mutating func takeNewest() -> WarmConnection? { ready.popLast() }

    /// None are opened for a while.
    mutating func standBack(at now: UInt64) {
        let rules = EjectionState.Rules(
            failures: 1,
            time: Self.restRules.time,
            longestTime: Self.restRules.longestTime
        )
        _ = rest.failed(at: now, by: rules)
    }

    /// Takes out all there are, and takes none any more.
    mutating func close() -> [WarmConnection] {
        isClosed = true
        return takeAll()
    }

    /// Milliseconds that none are opened for, told once for each such time.
    mutating func takeRestReport(at now: UInt64) -> UInt64? {
        guard rest.isEjected(at: now), rest.ejectedUntil != reportedRest else { return nil }
        reportedRest = rest.ejectedUntil
        return reportedRest - now
    }
}
