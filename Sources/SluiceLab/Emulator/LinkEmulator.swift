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
    private let cpuBaseline = Locked(0)

    /// - Parameters:
    ///   - firstDevice: the device of the host at which `up` begins, attached and non-blocking.
    ///   - secondDevice: that of the other host.
    init(
        firstDevice: Int32,
        secondDevice: Int32,
        up: DirectionSettings,
        down: DirectionSettings
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
        let cpu = cpuNanoseconds - cpuBaseline.withLock { $0 }
        return state.withLock {
            LinkStatistics(up: $0.up.report(), down: $0.down.report(), cpuSeconds: Double(max(0, cpu)) / 1e9)
        }
    }

    /// 0 once it is stopped.
    private var cpuNanoseconds: Int { thread.withLock { $0?.cpuNanoseconds ?? 0 } }

    func restartClock() {
        let cpu = cpuNanoseconds
        cpuBaseline.withLock { $0 = cpu }
        state.withLock {
            $0.up.restartClock()
            $0.down.restartClock()
        }
    }

    /// Ends the thread and closes the devices. Packets on their way are gone. Further calls do nothing.
    func stop() {
        guard
            let running = thread.withLock({ running in
                defer { running = nil }
                return running
            })
        else { return }
        state.withLock { $0.isStopping = true }
        csluicelab_event_set(wakeUp)
        running.join()
        for descriptor in [firstDevice, secondDevice, wakeUp] { close(descriptor) }
    }

    /// Two rounds of a busy link begin at least so far apart: a timer costs more than a packet, and at 1 Gbit/s each packet
    /// would have its own. Costs a packet up to twice this in accuracy, as it may be read and written late.
    private static let roundNanoseconds = 40_000

    private struct Round {
        var begun: Int
        var batch: Lane.Batch
        /// When the next packet is due.
        var deadline: Int
    }

    private func run() {
        _ = csluicelab_be_punctual()
        var lastWork = Int.min / 2
        var alarm = EarlyAlarm()
        while let round = workOneRound() {
            // A lone packet on a slow link is not worth a round: it is waited for, and for the moment that it is due.
            let isBusy = round.batch.packets > 0 && round.begun - lastWork < 3 * Self.roundNanoseconds
            if round.batch.packets > 0 { lastWork = round.begun }
            if round.batch.isCutShort { continue }
            if isBusy {
                Self.ensure(csluicelab_sleep(Int64(round.begun + Self.roundNanoseconds)))
            } else {
                let time = alarm.time(for: round.deadline)
                let pause = max(0, time - monotonicNanoseconds())
                let ready = csluicelab_wait(firstDevice, secondDevice, wakeUp, Int64(pause))
                Self.ensure(ready)
                if ready == 0, pause > 0 { alarm.rang(at: monotonicNanoseconds(), setTo: time) }
            }
        }
    }

    /// Reads and writes some packets. Nil when the emulator shall stop.
    private func workOneRound() -> Round? {
        let begun = monotonicNanoseconds()
        return state.withLock { state in
            if state.isStopping { return nil }
            let received = state.up.receive(state.pool) + state.down.receive(state.pool)
            let delivered = state.up.deliver(state.pool) + state.down.deliver(state.pool)
            // Once a second at least, so that the statistics have a line for quiet seconds too.
            let idle = begun + 1_000_000_000
            let deadline = min(idle, state.up.nextDeadline ?? idle, state.down.nextDeadline ?? idle)
            return Round(begun: begun, batch: received + delivered, deadline: deadline)
        }
    }

    private static func ensure(_ status: Int32) {
        precondition(status >= 0, "waiting: \(String(cString: strerror(-status)))")
    }
}
