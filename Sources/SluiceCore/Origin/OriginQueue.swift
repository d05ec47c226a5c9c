import Synchronization

/// The connections of one route that wait for a place on an origin: first come, first served, over all workers.
///
/// Nobody is handed a place: the first is told to look for one, and once it has one, the next is told. So a place that
/// becomes free is never lost with a connection that has just given up. Safe from any thread.
final class OriginQueue: Sendable {
    private let waiting = Locked<[QueueTicket]>([])
    /// As long as `waiting`, to be read without its lock.
    private let count = Atomic<Int>(0)

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    /// Returns whether fewer than `length` wait. `leave` ends the wait.
    func enter(_ ticket: QueueTicket, length: Int) -> Bool {
        waiting.withLock { waiting in
            guard waiting.count < length else { return false }
            waiting.append(ticket)
            count.store(waiting.count, ordering: .relaxed)
            return true
        }
    }

    func leave(_ ticket: QueueTicket) {
        waiting.withLock { waiting in
            guard let index = waiting.firstIndex(where: { $0 === ticket }) else { return }
            waiting.remove(at: index)
            count.store(waiting.count, ordering: .relaxed)
        }
    }

    /// Tells the first to look for a place. Called when one becomes free, and now and then: an origin may have come back, and a
    /// place may have become free in the moment that its seeker entered.
    func wakeFirst() {
        guard !isEmpty else { return }
        waiting.withLock { $0.first }?.wake()
    }
}

/// A place in the queue.
final class QueueTicket: @unchecked Sendable {
    /// Touched only on the connector's thread: by the connector, and in letters. The connector takes itself out.
    weak var connector: OriginConnector?
    private let mailbox: Mailbox

    init(_ connector: OriginConnector, mailbox: Mailbox) {
        self.connector = connector
        self.mailbox = mailbox
    }

    fileprivate func wake() {
        mailbox.submit { [self] in connector?.placeMayBeFree() }
    }
}
