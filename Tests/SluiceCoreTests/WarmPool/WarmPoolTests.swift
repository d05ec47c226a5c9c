import Glibc
import Testing

@testable import SluiceCore

@Suite struct WarmPoolTests {
    private let record = OriginRecord()
    private let pool: WarmPool

    init() {
        pool = WarmPool(.init(configuration: WarmPoolConfiguration(), mark: nil), record: record)
        // Somebody came, so that connections are wanted.
        #expect(pool.take(at: 0) == nil)
    }

    /// One end is the pool's.
    private struct Pair {
        let connection: WarmConnection
        let peer: Int32
    }

    private func pair(at now: UInt64 = 0) -> Pair {
        let pair = DescriptorPair.tcp()
        let copies = (dup(pair.first), dup(pair.second))
        let address = SocketAddress(literal: "127.0.0.1", port: 1)!
        return Pair(
            connection: .init(descriptor: copies.0, address: address, openedAt: now),
            peer: copies.1
        )
    }

    /// Whether the pool has closed its end, as the other end sees it: a descriptor's number may be another's by now.
    private func isClosed(_ pair: Pair) -> Bool {
        var query = pollfd(fd: pair.peer, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        return poll(&query, 1, 60_000) == 1 && recv(pair.peer, &byte, 1, 0) <= 0
    }

    private func discards(_ reason: WarmDiscard) -> UInt64 { record.warm.discards[reason.index] }

    @Test func whatTheOriginSaidBeforeIsWhole() throws {
        let pair = pair()
        defer { close(pair.peer) }
        pool.add(pair.connection, below: .max)
        #expect(record.places.count == 1 && pool.readyCount == 1)
        #expect(send(pair.peer, "hello", 5, 0) == 5)
        #expect(pool.tend(at: 1) == nil)
        let taken = try #require(pool.take(at: 1))
        defer { close(taken.descriptor) }
        var greeting = [UInt8](repeating: 0, count: 9)
        #expect(recv(taken.descriptor, &greeting, 9, 0) == 5)
        // Its place went with it.
        #expect(record.places.count == 1 && pool.readyCount == 0)
        #expect(record.warm.hits == 1 && record.warm.misses == 1 && record.warm.opened == 1)
    }

    /// Ended in order, behind a greeting, or by a reset.
    @Test(arguments: ["end", "greeting", "reset"]) func oneThatTheOriginEndedIsNotHandedOut(how: String) {
        let pairs = [pair(), pair()]
        for pair in pairs { pool.add(pair.connection, below: .max) }
        if how == "greeting" { #expect(send(pairs[0].peer, "bye", 3, 0) == 3) }
        if how == "reset" { SocketOptions.lingerZero(pairs[0].peer) }
        close(pairs[0].peer)
        defer { close(pairs[1].peer) }
        #expect(pool.take(at: 1) == pairs[1].connection)
        #expect(pool.take(at: 1) == nil)
        #expect(discards(.originClosed) == 1 && record.places.count == 1)
        close(pairs[1].connection.descriptor)
    }

    @Test func whatEndedOrIsOldIsTidiedAway() {
        // Ended so soon that it teaches nothing about the other's age.
        let (old, ended) = (pair(at: 0), pair(at: 14_500))
        for pair in [old, ended] { pool.add(pair.connection, below: .max) }
        close(ended.peer)
        _ = pool.tend(at: 14_999)
        #expect(pool.readyCount == 1 && discards(.originClosed) == 1)
        _ = pool.tend(at: 15_000)
        #expect(pool.readyCount == 0 && discards(.aged) == 1 && record.places.count == 0)
        #expect(isClosed(old))
        close(old.peer)
    }

    @Test func withoutAPlaceItIsClosed() {
        let pair = pair()
        defer { close(pair.peer) }
        #expect(record.places.take(below: 1))
        pool.add(pair.connection, below: 1)
        #expect(discards(.gaveWay) == 1 && pool.readyCount == 0 && record.places.count == 1)
        #expect(isClosed(pair))
    }

    @Test func itGivesWayAndCloses() {
        let pairs = (0..<3).map { _ in pair() }
        defer { for pair in pairs { close(pair.peer) } }
        for pair in pairs.dropLast() { pool.add(pair.connection, below: .max) }
        #expect(pool.giveWay() && pool.readyCount == 1 && discards(.gaveWay) == 1)
        pool.close()
        #expect(!pool.giveWay() && discards(.withdrawn) == 1)
        pool.add(pairs[2].connection, below: .max)
        #expect(pool.readyCount == 0 && discards(.withdrawn) == 2 && record.places.count == 0)
        #expect(pairs.allSatisfy(isClosed))
    }

    @Test func thoseToALostAddressGo() {
        let pair = pair()
        defer { close(pair.peer) }
        pool.add(pair.connection, below: .max)
        pool.empty(of: [SocketAddress(literal: "127.0.0.1", port: 2)!])
        #expect(pool.readyCount == 1)
        pool.empty(of: [pair.connection.address])
        #expect(pool.readyCount == 0 && discards(.withdrawn) == 1)
    }

    @Test func nothingStaysOpenWhenItGoes() {
        let pair = pair()
        defer { close(pair.peer) }
        do {
            let pool = WarmPool(.init(configuration: WarmPoolConfiguration(), mark: nil), record: record)
            pool.add(pair.connection, below: .max)
        }
        #expect(isClosed(pair) && record.places.count == 0)
    }
}
