import CSluiceLab
import Glibc

/// Moves the packets of one link between two TUN devices, on a thread of its own.
///
/// Owns the two devices and closes them when it stops. The state is behind a lock that the thread holds while it works and
/// not while it waits; others take it to read the statistics.
final class LinkEmulator: Sendable {
    private struct State {
        var up: Lane
        var down: Lane
        let pool = PacketPool()
        var isStopping = false
    }

    private let firstDevice: Int32
    private let secondDevice: Int32
    /// An eventfd(2) that ends a wait.
    private let wakeUp: Int32
    private let state: Locked<State>
    private let thread: Locked<JoinedThread?>

    /// - Parameters:
    ///   - firstDevice: the device of the host at which `up` begins, attached and non-blocking.
    ///   - secondDevice: that of the other host.
    init(
        firstDevice: Int32, secondDevice: Int32, up: DirectionSettings, down: DirectionSettings
    ) throws(LabError) {
        let start = monotonicNanoseconds()
        self.firstDevice = firstDevice
        self.secondDevice = secondDevice
        wakeUp = try check(csluicelab_event(), "eventfd")
        state = Locked(
            State(
                up: Lane(source: firstDevice, destination: secondDevice, settings: up, start: start),
                down: Lane(source: secondDevice, destination: firstDevice, settings: down, start: start)
            )
        )
        thread = Locked(nil)
        thread.withLock { $0 = JoinedThread { [self] in run() } }
    }

    func statistics() -> LinkStatistics {
        state.withLock { LinkStatistics(up: $0.up.report(), down: $0.down.report()) }
    }

    func restartClock() {
        state.withLock {
            $0.up.restartClock()
            $0.down.restartClock()
        }
    }

    /// Ends the thread and closes the devices. Packets on their way are gone. Further calls do nothing.
    func stop() {
        guard let running = thread.withLock({ running in
            defer { running = nil }
            return running
        }) else { return }
        state.withLock { $0.isStopping = true }
        csluicelab_event_set(wakeUp)
        running.join()
        for descriptor in [firstDevice, secondDevice, wakeUp] { close(descriptor) }
    }

    private func run() {
        _ = csluicelab_be_punctual()
        var ready: Int32 = 3
        while true {
            let deadline: Int? = state.withLock { state in
                if ready & 1 != 0 { state.up.receive(state.pool) }
                if ready & 2 != 0 { state.down.receive(state.pool) }
                state.up.deliver(state.pool)
                state.down.deliver(state.pool)
                if state.isStopping { return nil }
                // Once a second at least, so that the statistics have a line for quiet seconds too.
                let idle = monotonicNanoseconds() + 1_000_000_000
                return min(idle, state.up.nextDeadline ?? idle, state.down.nextDeadline ?? idle)
            }
            guard let deadline else { return }
            let pause = max(0, deadline - monotonicNanoseconds())
            ready = csluicelab_wait(firstDevice, secondDevice, wakeUp, Int64(pause))
            precondition(ready >= 0, "ppoll: \(String(cString: strerror(-ready)))")
        }
    }
}
