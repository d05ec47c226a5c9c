import SluiceCore

/// One run on the server: from the control connection's preamble to the report. Its thread is its own.
final class ServerSession: Sendable {
    let token = SessionToken.random()
    private let channel: MessageChannel
    private let arrivals = Locked(Arrivals())
    private let allArrived = Gate()
    private let over = Gate()

    private struct Arrivals {
        /// `nil` until the plan is known.
        var expected: Int?
        var sockets: [Int: BenchSocket] = [:]
        var isConnectRun = false
    }

    /// What a client may take to send its plan, to connect, and to begin.
    private static let patience = 30 * BenchClock.second
    /// A run of so many bytes has no length: this ends it.
    private static let longest = 3600 * BenchClock.second

    init(control: BenchSocket) {
        control.setKeepalive()
        channel = MessageChannel(socket: control, limit: MessageChannel.fromClient)
    }

    /// Takes a data connection. Returns `false` when it is none of this run's: the caller turns it away.
    func adopt(_ socket: BenchSocket, lane: UInt32) -> Bool {
        arrivals.withLock { arrivals in
            let lane = Int(lane)
            guard let expected = arrivals.expected, lane < expected, arrivals.sockets[lane] == nil else {
                return false
            }
            arrivals.sockets[lane] = socket
            if arrivals.sockets.count == expected { allArrived.open() }
            return true
        }
    }

    /// Nothing is measured any more: the next run may begin, though this one's last message may still be on its way.
    var isOver: Bool { over.isOpen }

    /// Whether the run counts connections.
    var takesConnects: Bool { arrivals.withLock { $0.isConnectRun } }

    /// Runs to the end. Throws what broke it off; `stop` breaks it off, too.
    /// - Parameter onPlan: told about the plan once it is accepted.
    func run(unless stop: Gate, onPlan: (BenchPlan) -> Void) throws {
        defer { over.open() }
        guard case .plan(let plan) = try receive(unless: stop) else { throw MessageError.unexpected }
        guard try accept(plan) else { return }
        onPlan(plan)
        let side = try assemble(plan, unless: stop)
        defer { side.state.end(at: true) }
        try serve(side, plan, unless: stop)
    }

    private func receive(within patience: UInt64 = patience, unless stop: Gate) throws -> ControlMessage {
        try channel.receive(until: BenchClock.now + patience, unless: stop)
    }

    private func send(_ message: ControlMessage) throws(ExchangeError) {
        try channel.send(message, until: BenchClock.now + Self.patience)
    }

    private func accept(_ plan: BenchPlan) throws -> Bool {
        do throws(PlanProblem) {
            try plan.validate()
        } catch {
            over.open()
            try send(.rejected(reason: error.description))
            return false
        }
        arrivals.withLock {
            $0.expected = plan.lanes.count
            $0.isConnectRun = plan.mode == .connect
        }
        if plan.lanes.isEmpty { allArrived.open() }
        try send(.accepted(Acceptance(token: token.bytes, bootID: MachineClock.bootID)))
        return true
    }

    /// Answers for the clock until the client begins, while the data connections arrive.
    private func assemble(_ plan: BenchPlan, unless stop: Gate) throws -> SideRun {
        let deadline = BenchClock.now + Self.patience
        for _ in 0..<MachineClock.rounds {
            guard case .clock = try receive(unless: stop) else { throw MessageError.unexpected }
            try send(.clockIs(BenchClock.now))
        }
        guard allArrived.wait(until: deadline) else { throw ExchangeError.timedOut }
        let sockets = arrivals.withLock { arrivals in
            (0..<plan.lanes.count).compactMap { arrivals.sockets[$0] }
        }
        try apply(plan.congestionControl, to: sockets)
        let side = SideRun(state: RunState(plan: plan, isClient: false), sockets: sockets)
        do {
            try send(.ready)
        } catch {
            _ = side.collect()
            throw error
        }
        return side
    }

    private func apply(_ congestionControl: String?, to sockets: [BenchSocket]) throws {
        guard let congestionControl else { return }
        do throws(SystemError) {
            for socket in sockets { try socket.setCongestionControl(congestionControl) }
        } catch {
            over.open()
            try send(.rejected(reason: "on the server: \(error.description)"))
            throw error
        }
    }

    private func serve(_ side: SideRun, _ plan: BenchPlan, unless stop: Gate) throws {
        let length = plan.seconds.map { BenchClock.nanoseconds($0) + side.state.drain } ?? Self.longest
        var report: SideReport?
        defer { if report == nil { _ = side.collect() } }
        while report == nil {
            switch try receive(within: length + Self.patience, unless: stop) {
            case .begin(let peerClock): side.state.start(peerClock: peerClock)
            case .load where plan.mode == .mixed: side.state.startLoad()
            case .finish:
                side.state.finish()
                _ = side.wait(until: side.state.drainEnd)
                report = side.collect()
            default: throw MessageError.unexpected
            }
        }
        over.open()
        if let report { try send(.report(report)) }
    }
}
