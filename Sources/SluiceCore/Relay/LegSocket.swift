import Glibc
import SluiceControl

/// One of the two sockets of a connection.
///
/// Owned by its connection, which closes it. It outlives the connection only inside libuv, closed.
final class LegSocket: StreamSocket {
    /// Valid while the socket is open: the connection closes its legs before it goes.
    unowned(unsafe) let connection: Connection
    let leg: Leg
    /// The peer reset the connection, and a write was told: the kernel reports it once, and then pretends an end of file.
    var wasResetByPeer = false
    /// What decisions have set on this socket.
    var actuator = LegActuator()

    init(
        loop: EventLoop,
        takingOver descriptor: Int32,
        isTCP: Bool,
        leg: Leg,
        connection: Connection
    ) throws(SystemError) {
        self.leg = leg
        self.connection = connection
        try super.init(loop: loop, takingOver: descriptor, isTCP: isTCP)
    }

    override func ready(_ events: PollEvents) {
        guard events != .failureOnly else { return somethingHappened() }
        if events.contains(.failed) { markFailed() }
        connection.legReady(self, events)
    }

    /// While only failures were asked for. Who asks again, hears again: the loop would do nothing else.
    private func somethingHappened() {
        setInterest([])
        let pending = PendingEvents(of: descriptor, asking: [])
        if pending.contains(.failed) {
            markFailed()
            connection.legReady(self, .failed)
        } else if pending.contains(.hungUp) {
            connection.legHungUp(self)
        }
    }
}
