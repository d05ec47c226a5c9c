import SluiceCore

/// The bench's server: one run at a time, one port for everything.
public final class BenchServer: Sendable {
    /// What happened, for the server's log.
    public enum Event: Sendable {
        case began(BenchPlan)
        case ended(BenchPlan?)
        /// A run broke off, and why.
        case failed(String)
        /// A client was turned away.
        case turnedAway(reason: String)
    }

    /// The port that the bench uses when none is given.
    public static let defaultPort: UInt16 = 5210

    private let listener: BenchListener
    private let onEvent: @Sendable (Event) -> Void
    private let endsAfterOne: Bool
    private let stopGate = Gate()
    private let current = Locked<ServerSession?>(nil)
    private let door = Locked<BenchThread?>(nil)

    /// Listens, and serves nobody before `start`.
    /// - Parameter endsAfterOne: end by itself after the first run.
    public init(
        listen address: Address,
        endsAfterOne: Bool = false,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(BenchError) {
        let target = try BenchTarget(address)
        guard let first = target.addresses.first else {
            throw .unusableAddress(target.text, reason: "it has no address")
        }
        do throws(SystemError) {
            listener = try BenchListener(first)
        } catch {
            throw .system(error)
        }
        self.endsAfterOne = endsAfterOne
        self.onEvent = onEvent
    }

    /// Where it listens, as clients write it.
    public var address: String { listener.address.description }

    public func start() {
        door.withLock { $0 = BenchThread("bench-door") { [self] in serve() } }
    }

    /// Ends the server, and the run that is under way.
    public func stop() { stopGate.open() }

    /// Waits for the end: after `stop`, or after the one run.
    public func wait() { door.withLock { $0 }?.join() }

    private func serve() {
        var door = Door(listener)
        var sessions: BenchThread?
        while !stopGate.isOpen {
            for (socket, preamble) in door.wait() {
                if let thread = admit(socket, preamble) { sessions = thread }
            }
        }
        sessions?.join()
    }

    /// Answers a preamble. Returns the thread of a new run.
    private func admit(_ socket: BenchSocket, _ preamble: Preamble) -> BenchThread? {
        let session = current.withLock { $0 }.flatMap { $0.isOver ? nil : $0 }
        if preamble.status == .versionMismatch {
            turnAway(
                socket,
                preamble.kind,
                .versionMismatch,
                "it speaks version \(preamble.version) of the protocol"
            )
            return nil
        }
        switch preamble.kind {
        case .control where session != nil:
            turnAway(socket, .control, .busy, "another run is under way")
        case .control:
            return begin(socket)
        case .data:
            admitLane(socket, preamble, session)
        case .connect:
            guard let session, session.token == preamble.token, session.takesConnects else {
                turnAway(socket, .connect, .unknownToken, "no such run")
                return nil
            }
            answer(socket, .init(kind: .connect))
        }
        return nil
    }

    private func admitLane(_ socket: BenchSocket, _ preamble: Preamble, _ session: ServerSession?) {
        guard let session, session.token == preamble.token else {
            turnAway(socket, .data, .unknownToken, "no such run")
            return
        }
        // Answered first: from its adoption on, the socket is the session's.
        answer(socket, .init(kind: .data, lane: preamble.lane))
        if !session.adopt(socket, lane: preamble.lane) { onEvent(.turnedAway(reason: "no such lane")) }
    }

    private func begin(_ socket: BenchSocket) -> BenchThread {
        let session = ServerSession(control: socket)
        current.withLock { $0 = session }
        answer(socket, .init(kind: .control))
        return BenchThread("bench-session") { [self] in
            let plan = Locked<BenchPlan?>(nil)
            do {
                try session.run(unless: stopGate) { accepted in
                    plan.withLock { $0 = accepted }
                    onEvent(.began(accepted))
                }
                onEvent(.ended(plan.withLock { $0 }))
            } catch {
                onEvent(.failed(Self.describe(error)))
            }
            // By now the next run may have begun.
            current.withLock { if $0 === session { $0 = nil } }
            // A client whose plan was rejected did not have its run.
            if endsAfterOne, plan.withLock({ $0 }) != nil { stop() }
        }
    }

    private func turnAway(
        _ socket: BenchSocket,
        _ kind: Preamble.Kind,
        _ status: Preamble.Status,
        _ reason: String
    ) {
        onEvent(.turnedAway(reason: reason))
        answer(socket, .init(kind: kind, status: status))
    }

    /// 32 bytes into an empty send buffer: this never waits.
    private func answer(_ socket: BenchSocket, _ preamble: Preamble) {
        try? socket.send(preamble.bytes, until: BenchClock.now)
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case ExchangeError.closed: "the client closed the connection"
        case ExchangeError.timedOut: "the client was silent for too long"
        case ExchangeError.stopped: "the server was stopped"
        case ExchangeError.failed(let error): error.description
        default: "\(error)"
        }
    }
}
