/// What happens next in a simulation: a binary heap by time, and by order of insertion at the same time.
///
/// A debug build runs it tens of thousands of times a simulated second. So its storage is a plain pointer: an `Array` of structs
/// is ten times slower there.
final class EventQueue {
    enum Kind: UInt8 {
        /// A burst reaches the receiver of a connection.
        case arrival
        /// The receiver's answer to a burst reaches the sender.
        case acknowledgement
        /// The receiver tells the sender, between bursts, of a window that has opened. `value`: its right edge.
        case windowUpdate
        /// A paced sender may send again.
        case pacing
        /// Nothing came back for what was sent last.
        case probeTimeout
        /// A slow reader takes some bytes.
        case reading
        /// A relay's source has more.
        case source
        /// A relay's loop comes to this connection.
        case turn
        /// A relay samples its sockets.
        case sample
        /// A ping is sent. `value`: when it was sent first.
        case ping
        /// The recorder looks at everything.
        case record
        /// Something that the scenario wants.
        case action
    }

    struct Event {
        var time: Double
        var order: Int
        var kind: Kind
        /// Index of the connection, relay, ping or action.
        var target: Int
        var value: Double
    }

    private var storage: UnsafeMutablePointer<Event>
    private var capacity = 64
    private var count = 0
    private var nextOrder = 0

    init() {
        storage = .allocate(capacity: capacity)
    }

    deinit {
        storage.deallocate()
    }

    var earliest: Double { count > 0 ? storage[0].time : .infinity }

    func schedule(_ kind: Kind, of target: Int, at time: Double, value: Double = 0) {
        if count == capacity { grow() }
        nextOrder += 1
        let event = Event(time: time, order: nextOrder, kind: kind, target: target, value: value)
        var index = count
        count += 1
        while index > 0 {
            let parent = (index - 1) / 2
            if storage[parent].time <= time { break }
            storage[index] = storage[parent]
            index = parent
        }
        storage[index] = event
    }

    /// Takes the earliest event. There must be one.
    func next() -> Event {
        let first = storage[0]
        count -= 1
        let last = storage[count]
        var index = 0
        while true {
            var child = 2 * index + 1
            if child >= count { break }
            if child + 1 < count, isBefore(child + 1, child) { child += 1 }
            let isLastFirst =
                last.time < storage[child].time
                || last.time == storage[child].time && last.order < storage[child].order
            if isLastFirst { break }
            storage[index] = storage[child]
            index = child
        }
        storage[index] = last
        return first
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (a, b) = (storage[left].time, storage[right].time)
        return a < b || a == b && storage[left].order < storage[right].order
    }

    private func grow() {
        let larger = UnsafeMutablePointer<Event>.allocate(capacity: capacity * 2)
        larger.update(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity *= 2
    }
}
