import CLibuv

/// What happened to a descriptor.
struct PollEvents: OptionSet {
    let rawValue: UInt8
    static let readable = PollEvents(rawValue: 1)
    static let writable = PollEvents(rawValue: 2)
    /// The kernel reported an error: reads and writes return at once, with what is left and then with the error.
    /// libuv has stopped polling, and the descriptor must not be polled again.
    static let failed = PollEvents(rawValue: 4)
    /// Asks for nothing but a failure (libuv's UV_PRIORITIZED: out-of-band data). What comes may be that, a hang-up or an error, all told
    /// alike, and again as long as it lasts.
    static let failureOnly = PollEvents(rawValue: 8)
}

/// A descriptor that a loop watches, level-triggered. Subclasses own the descriptor and say what an event means.
///
/// Lifetime: the loop keeps the object from `init` until `stopWatching`, so an event never meets a freed one.
/// Thread: its loop's.
class PollHandle {
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private let watchers: WatcherTable
    private(set) final var interest: PollEvents = []
    private(set) final var isClosed = false

    /// Throws where epoll refuses the descriptor (out of memory, `max_user_watches`).
    init(loop: EventLoop, descriptor: Int32) throws(SystemError) {
        watchers = loop.watchers
        poll = try watchers.take(descriptor)
        poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// An event that was asked for, or `.failed`. To be overridden.
    func ready(_ events: PollEvents) {
        preconditionFailure("a PollHandle's subclass says what its events mean")
    }

    /// Two epoll_ctl calls when it changes something, none when it does not.
    final func setInterest(_ wanted: PollEvents) {
        guard wanted != interest, !isClosed else { return }
        interest = wanted
        guard !wanted.isEmpty else {
            uv_poll_stop(poll)
            return
        }
        let status = uv_poll_start(poll, Int32(wanted.rawValue)) { poll, status, events in
            Unmanaged<PollHandle>.fromOpaque(poll!.pointee.data).takeUnretainedValue().dispatch(
                status,
                events
            )
        }
        uvMust(status, "uv_poll_start")
    }

    private func dispatch(_ status: Int32, _ events: Int32) {
        guard status == 0 else {
            interest = []
            ready(.failed)
            return
        }
        ready(PollEvents(rawValue: UInt8(truncatingIfNeeded: events)))
    }

    /// Stops watching. The descriptor is the subclass's, which closes it as soon as this returns.
    ///
    /// The caller holds a reference of its own: this gives the loop's back.
    final func stopWatching() {
        guard !isClosed else { return }
        isClosed = true
        if !interest.isEmpty { uv_poll_stop(poll) }
        Unmanaged<PollHandle>.fromOpaque(poll.pointee.data).release()
        poll.pointee.data = nil
    }
}
