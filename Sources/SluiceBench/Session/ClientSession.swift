import Foundation
import SluiceCore

/// A run on the client, from the accepted plan to the server's report.
struct ClientSession {
    private let handshake: ClientHandshake
    private let plan: BenchPlan
    private let channel: MessageChannel
    private let token: SessionToken
    private let sockets: [BenchSocket]
    private let clock: ClockRelation

    /// What the server may take for an answer.
    private static let patience = 30 * BenchClock.second

    /// Arranges the run: when this returns, every data connection stands.
    init(handshake: ClientHandshake, plan: BenchPlan, stop: Gate) throws(BenchError) {
        self.handshake = handshake
        self.plan = plan
        let control = try handshake.open(Preamble(kind: .control), unless: stop)
        control.setKeepalive()
        channel = MessageChannel(socket: control, limit: MessageChannel.fromServer)
        do {
            let acceptance = try Self.propose(plan, on: channel, stop)
            token = SessionToken(acceptance.token)
            clock = try Self.relateClocks(channel, acceptance, stop)
            sockets = try Self.openLanes(plan, token, handshake, stop)
            guard case .ready = try Self.answer(on: channel, stop) else { throw MessageError.unexpected }
        } catch {
            throw Self.explain(error)
        }
    }

    private static func propose(_ plan: BenchPlan, on channel: MessageChannel, _ stop: Gate) throws
        -> Acceptance
    {
        try channel.send(.plan(plan), until: BenchClock.now + patience)
        guard case .accepted(let acceptance) = try answer(on: channel, stop) else {
            throw MessageError.unexpected
        }
        return acceptance
    }

    private static func relateClocks(
        _ channel: MessageChannel,
        _ acceptance: Acceptance,
        _ stop: Gate
    ) throws -> ClockRelation {
        let exchanges = try (0..<MachineClock.rounds).map { _ in
            let asked = BenchClock.now
            try channel.send(.clock, until: asked + patience)
            guard case .clockIs(let peer) = try answer(on: channel, stop) else {
                throw MessageError.unexpected
            }
            return MachineClock.Exchange(asked: asked, peer: peer, answered: BenchClock.now)
        }
        let bootID = MachineClock.bootID
        return MachineClock.relate(exchanges, isShared: !bootID.isEmpty && bootID == acceptance.bootID)
    }

    private static func openLanes(
        _ plan: BenchPlan,
        _ token: SessionToken,
        _ handshake: ClientHandshake,
        _ stop: Gate
    ) throws -> [BenchSocket] {
        let unopened = Locked(plan.lanes.indices)
        let opened = Locked(Array(repeating: Result<BenchSocket, any Error>?.none, count: plan.lanes.count))
        let threads = (0..<min(openers, plan.lanes.count)).map { _ in
            BenchThread("opener") {
                while let lane = unopened.withLock({ $0.popFirst() }) {
                    let result = Result { try openLane(lane, plan, token, handshake, stop) }
                    opened.withLock { $0[lane] = result }
                    if case .failure = result { return unopened.withLock { $0 = 0..<0 } }
                }
            }
        }
        for thread in threads { thread.join() }
        return try opened.withLock { try $0.compactMap { try $0?.get() } }
    }

    /// Connections that are opened at the same time: each takes two round trips.
    private static let openers = 32

    private static func openLane(
        _ lane: Int,
        _ plan: BenchPlan,
        _ token: SessionToken,
        _ handshake: ClientHandshake,
        _ stop: Gate
    ) throws -> BenchSocket {
        let preamble = Preamble(kind: .data, lane: UInt32(lane), token: token)
        let socket = try handshake.open(preamble, unless: stop)
        if let name = plan.congestionControl { try socket.setCongestionControl(name) }
        return socket
    }

    /// The server's next message; its refusal as an error.
    private static func answer(
        on channel: MessageChannel,
        within patience: UInt64 = patience,
        _ stop: Gate?
    ) throws -> ControlMessage {
        let message = try channel.receive(until: BenchClock.now + patience, unless: stop)
        if case .rejected(let reason) = message { throw BenchError.rejected(reason) }
        return message
    }

    private static func explain(_ error: any Error) -> BenchError {
        switch error {
        case let error as BenchError: error
        case let error as SystemError: .system(error)
        case ExchangeError.stopped: .stoppedEarly
        default: .lost(describe(error))
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case ExchangeError.closed: "the server closed the connection"
        case ExchangeError.timedOut: "the server did not answer in time"
        case ExchangeError.failed(let error): error.description
        case let error as MessageError: "the server sent \(error)"
        default: "\(error)"
        }
    }

    // MARK: Measuring

    /// Runs what was arranged. Whatever breaks from here on, there is a result, and it says what is missing.
    func measure(_ client: BenchClient, watch: MachineWatch, stop: Gate) -> BenchResult {
        let date = Date().ISO8601Format()
        let state = RunState(plan: plan, isClient: true)
        let side = SideRun(
            state: state,
            sockets: sockets,
            extra: connectLoops(state),
            onInterval: client.onInterval
        )
        var watch = watch
        var problem: String?
        client.onBegin()
        do {
            try channel.send(.begin(peerClock: -clock.offset), until: BenchClock.now + Self.patience)
            state.start(peerClock: clock.offset)
            try supervise(side, client, &watch, stop)
        } catch {
            problem = Self.describe(error)
        }
        let seconds = Double(min(BenchClock.now, state.end) - min(state.beganAt, BenchClock.now)) / 1e9
        let reports = conclude(side, state, &problem)
        return BenchResult(
            label: client.label,
            plan: plan,
            target: handshake.target.text,
            command: client.command,
            date: date,
            seconds: state.beganAt == 0 ? 0 : seconds,
            wasInterrupted: stop.isOpen,
            problem: problem,
            client: reports.client,
            server: reports.server,
            clock: clock,
            kernelTCPMemory: watch.kernelTCPMemory,
            observed: watch.observed
        )
    }

    private func connectLoops(_ state: RunState) -> [@Sendable () -> Void] {
        guard plan.mode == .connect else { return [] }
        let loop = ConnectLoop(target: handshake.target, token: token, run: state)
        return (0..<plan.parallel).map { _ in { loop.runLoad() } }
    }

    /// Watches until the lanes are done, lets the bulk of a mixed run in, and hears when it shall stop.
    private func supervise(
        _ side: SideRun,
        _ client: BenchClient,
        _ watch: inout MachineWatch,
        _ stop: Gate
    ) throws(ExchangeError) {
        let state = side.state
        let loadAt = state.beganAt + BenchClock.nanoseconds(plan.idleSeconds)
        var tick = state.beganAt
        while true {
            tick += BenchClock.second / 10
            let isLoading = plan.mode == .mixed && !state.load.isOpen
            if side.wait(until: isLoading ? min(tick, loadAt) : tick) { return }
            if stop.isOpen {
                state.finish()
                // The server's senders have to stop, too: they do not know.
                return
            }
            if isLoading, BenchClock.now >= loadAt {
                try channel.send(.load, until: BenchClock.now + Self.patience)
                state.startLoad()
            }
            watch.sample()
            let seconds = Double(BenchClock.now - state.beganAt) / 1e9
            let (upstream, downstream, tallies) = side.progress
            client.onProgress(
                RunProgress(
                    seconds: seconds,
                    plan: plan,
                    upstream: upstream,
                    downstream: downstream,
                    tallies: tallies
                )
            )
        }
    }

    /// Ends both sides, and puts their reports together.
    private func conclude(
        _ side: SideRun,
        _ state: RunState,
        _ problem: inout String?
    ) -> (client: SideReport, server: SideReport?) {
        do {
            guard problem == nil else { throw ExchangeError.closed }
            try channel.send(.finish, until: BenchClock.now + Self.patience)
            state.finish()
            _ = side.wait(until: state.drainEnd)
            let report = side.collect()
            let patience = state.drain + Self.patience
            guard case .report(let server) = try Self.answer(on: channel, within: patience, nil) else {
                throw MessageError.unexpected
            }
            return (report, server)
        } catch {
            if problem == nil { problem = Self.describe(error) }
            return (side.collect(), nil)
        }
    }
}
