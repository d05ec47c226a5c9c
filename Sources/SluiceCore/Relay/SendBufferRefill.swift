/// Writes on to sinks whose send buffer is the limit and may not grow, without waiting to be asked.
///
/// The kernel calls a full send buffer writable again when a third of it is free (sk_stream_is_writeable, include/net/sock.h). That
/// spares calls and costs nothing on a short path. But where the buffer bounds what is in flight, the free third is bandwidth
/// lost, and what fills it then leaves in one burst. So such a sink is written to every few milliseconds, as long as its samples
/// say that it is bound.
///
/// Thread: its loop's.
final class SendBufferRefill {
    /// A fifth at most of the round trip of a path on which this is done.
    static let intervalMilliseconds: UInt64 = 10
    /// So many connections at once: the rest waits to be asked.
    static let most = 256

    private let loop: EventLoop
    private var connections: [Connection] = []
    /// There is one only while there are connections.
    private var timer: RepeatingTimer?

    init(loop: EventLoop) { self.loop = loop }

    /// `connection` is not there yet. It takes itself out before it ends.
    /// - Returns: whether there was a place left.
    func add(_ connection: Connection) -> Bool {
        guard connections.count < Self.most else { return false }
        connections.append(connection)
        if timer == nil { start() }
        return true
    }

    private func start() {
        timer = RepeatingTimer(loop: loop, everyMilliseconds: Self.intervalMilliseconds) { [unowned self] in
            for connection in connections { connection.writeOn() }
        }
    }

    func remove(_ connection: Connection) {
        connections.removeAll { $0 === connection }
        guard connections.isEmpty else { return }
        timer?.close()
        timer = nil
    }
}
