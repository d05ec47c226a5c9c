import Glibc

/// What poll(2) says of a descriptor at this moment: asked once, where no loop has to wait for it.
struct PendingEvents: OptionSet {
    let rawValue: Int16
    static let readable = PendingEvents(rawValue: Int16(POLLIN))
    /// The peer sends no more, or is gone: POLLRDHUP (Linux 2.6.17), which Glibc shows to GNU sources alone.
    static let peerEnded = PendingEvents(rawValue: 0x2000)
    /// Told unasked.
    static let failed = PendingEvents(rawValue: Int16(POLLERR))
    /// Both directions are over. Told unasked.
    static let hungUp = PendingEvents(rawValue: Int16(POLLHUP))

    init(rawValue: Int16) { self.rawValue = rawValue }

    /// A system call, which does not wait.
    init(of descriptor: Int32, asking asked: PendingEvents) {
        var query = pollfd(fd: descriptor, events: asked.rawValue, revents: 0)
        poll(&query, 1, 0)
        rawValue = query.revents
    }
}
