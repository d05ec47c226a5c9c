import Glibc
import Synchronization

/// The warm connections of one origin of a route, for all workers: connected ahead of demand, and watched by nobody until they
/// are used, so that any worker may take one.
///
/// Shared rather than one a worker: together they need fewer for the same chance of finding one, and what stays on one loop
/// helps no connection of another. Each ready one holds a place on the origin. Owns their descriptors until `take`. A connection
/// costs the lock twice; bytes cost it nothing. Safe from any thread.
///
/// Times are milliseconds of the loops' monotonic clock.
final class WarmPool: Sendable {
    /// What has to stay for a reload to keep the connections.
    struct Settings: Sendable, Equatable {
        let configuration: WarmPoolConfiguration
        let mark: UInt32?
    }

    let settings: Settings
    private let record: OriginRecord
    private let stock: Locked<WarmStock>
    /// What `stock` says, to be read without its lock.
    private let publishedReady = Atomic<Int>(0)
    private let publishedConnecting = Atomic<Int>(0)

    init(_ settings: Settings, record: OriginRecord) {
        self.settings = settings
        self.record = record
        stock = Locked(WarmStock(settings.configuration))
    }

    deinit { close() }

    /// Connections that wait to be used.
    var readyCount: Int { publishedReady.load(ordering: .relaxed) }
    /// Connects under way.
    var connectingCount: Int { publishedConnecting.load(ordering: .relaxed) }

    // MARK: Using

    /// Somebody wants to connect. The connection that he gets, and its place on the origin, are the caller's from here on; its
    /// peer has not ended it. `nil`: none is ready.
    func take(at now: UInt64) -> WarmConnection? {
        let taken = update { stock in
            stock.noteArrival(at: now)
            return takeUsable(from: &stock, at: now)
        }
        record.warm.countTake(isHit: taken != nil)
        return taken
    }

    private func takeUsable(from stock: inout WarmStock, at now: UInt64) -> WarmConnection? {
        while let connection = stock.takeOldest() {
            if stock.isAged(connection, at: now) {
                discard(connection, .aged)
            } else if connection.hasEnded {
                stock.noteEnd(of: connection, at: now)
                discard(connection, .originClosed)
            } else {
                stock.noteUse(at: now)
                return connection
            }
        }
        return nil
    }

    // MARK: Opening

    /// How many connects the caller is to begin now, at most `room`. Each ends in `add` or in `connectFailed`.
    func open(at now: UInt64, room: Int) -> Int {
        guard room > 0 else { return 0 }
        let connectSeconds = Double(record.roundTripMicroseconds) / 1e6
        return update { $0.open(at: now, connectSeconds: connectSeconds, room: room) }
    }

    /// Takes the connection over: keeps it where the origin has fewer connections than `ceiling`, or closes it.
    func add(_ connection: WarmConnection, below ceiling: Int) {
        record.warm.countOpened()
        guard record.places.take(below: ceiling) else {
            update { $0.notKept() }
            return close(connection, .gaveWay)
        }
        if !update({ $0.connected(connection) }) { discard(connection, .withdrawn) }
    }

    func connectFailed(at now: UInt64) { update { $0.failed(at: now) } }

    // MARK: Closing

    /// Closes what is too old, or was ended by the origin. Returns for how long none are opened now, told once for each such time.
    func tend(at now: UInt64) -> UInt64? {
        update { stock in
            for connection in stock.takeEnded(WarmConnection.ended(among: stock.ready), at: now) {
                discard(connection, .originClosed)
            }
            for connection in stock.takeAged(at: now) { discard(connection, .aged) }
            return stock.takeRestReport(at: now)
        }
    }

    /// Closes all that are ready.
    func empty(_ reason: WarmDiscard) { discard(update { $0.takeAll() }, reason) }

    /// Closes those to addresses that the origin's name has lost.
    func empty(of addresses: Set<SocketAddress>) {
        discard(update { $0.take { addresses.contains($0.address) } }, .withdrawn)
    }

    /// Closes one for something that needs its descriptor more. Returns whether there was one.
    func giveWay() -> Bool {
        guard readyCount > 0, let connection = update({ $0.takeNewest() }) else { return false }
        discard(connection, .gaveWay)
        return true
    }

    /// Closes all that are ready, and opens none for a while.
    func standBack(at now: UInt64) {
        update { $0.standBack(at: now) }
        empty(.gaveWay)
    }

    /// Closes all, and takes none any more.
    func close() { discard(update { $0.close() }, .withdrawn) }

    private func discard(_ connections: [WarmConnection], _ reason: WarmDiscard) {
        for connection in connections { discard(connection, reason) }
    }

    private func discard(_ connection: WarmConnection, _ reason: WarmDiscard) {
        record.places.giveBack()
        close(connection, reason)
    }

    private func close(_ connection: WarmConnection, _ reason: WarmDiscard) {
        Glibc.close(connection.descriptor)
        record.warm.countDiscard(reason)
    }

    private func update<Result>(_ body: (inout WarmStock) -> Result) -> Result {
        stock.withLock { stock in
            defer {
                publishedReady.store(stock.ready.count, ordering: .relaxed)
                publishedConnecting.store(stock.connecting, ordering: .relaxed)
            }
            return body(&stock)
        }
    }
}
