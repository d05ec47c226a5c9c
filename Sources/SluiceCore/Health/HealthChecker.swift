/// Checks one origin again and again, and says on its record whether it passes.
///
/// One an origin in the whole process: what it finds is the same for all workers. Owns its sockets until `close`. Thread: its
/// loop's.
final class HealthChecker: DeadlineEntry {
    private var origin: Origin
    private var route: Route
    private let configuration: HealthConfiguration
    private let context: RelayContext
    private var state: HealthState
    private var dialer: Dialer?
    private var socket: CheckSocket?
    private var answer: [UInt8] = []
    private var dialedAt: UInt64 = 0
    private var lastError: SystemError?

    init(_ origin: Origin, of route: Route, _ configuration: HealthConfiguration, context: RelayContext) {
        self.origin = origin
        self.route = route
        self.configuration = configuration
        self.context = context
        state = HealthState(
            rise: configuration.rise,
            fall: configuration.fall,
            isHealthy: origin.record.passesChecks
        )
    }

    /// What it asks.
    private var address: OriginAddress { configuration.address(for: origin.configuration) }

    /// Whether it checks this origin already, in this way.
    func isSame(as origin: Origin, of route: Route, _ configuration: HealthConfiguration) -> Bool {
        self.origin.record === origin.record && self.configuration == configuration
            && address == configuration.address(for: origin.configuration)
            && self.route.configuration.mark == route.configuration.mark
            && self.route.configuration.sendProxy == route.configuration.sendProxy
    }

    /// What it checks has a new configuration.
    func goOn(for origin: Origin, of route: Route) {
        self.origin = origin
        self.route = route
    }

    /// Begins a check.
    func start() {
        answer.removeAll(keepingCapacity: true)
        lastError = nil
        dialedAt = MonotonicClock.microseconds
        let dialer = Dialer(
            target: DialTarget(address),
            deadline: context.loop.now + configuration.timeout.milliseconds,
            context: context,
            delegate: self
        )
        self.dialer = dialer
        dialer.start()
    }

    /// Checks no more.
    func close() {
        context.deadlines.cancel(self)
        dialer?.cancel()
        dialer = nil
        closeSocket()
    }

    /// The next check's time, or the end of this one's.
    override func deadlineReached(now: UInt64) {
        if socket != nil { finish(.failed("it did not answer in time")) } else { start() }
    }

    // MARK: The exchange

    private func exchange(on socket: CheckSocket) {
        self.socket = socket
        let request = introduction + configuration.check.request
        if !request.isEmpty {
            // A new connection's send buffer has room for a few hundred bytes.
            guard case .bytes(request.count) = socket.write(request, count: request.count) else {
                return finish(.failed("it took no request"))
            }
        }
        let spent = (MonotonicClock.microseconds - dialedAt) / 1000
        let left = configuration.timeout.milliseconds
        context.deadlines.schedule(self, at: context.loop.now + (left > spent ? left - spent : 0))
        socket.setInterest(.readable)
        judge()
    }

    /// An origin that awaits a PROXY header awaits it of a check, too: one that says that Sluice speaks for itself. What is
    /// asked in its place does not.
    private var introduction: [UInt8] {
        guard let version = route.configuration.sendProxy, address == origin.configuration.address else {
            return []
        }
        return ProxyHeader(endpoints: nil).encoded(as: version == .v1 ? .v1 : .v2)
    }

    fileprivate func socketReady() {
        guard let socket else { return }
        let scratch = context.scratch
        switch socket.read(into: scratch.baseAddress!, atMost: scratch.count) {
        case .bytes(let count):
            answer += UnsafeRawBufferPointer(rebasing: scratch[..<count])
            judge()
        case .wouldBlock:
            if socket.hasFailed { finish(.failed("the connection failed")) }
        case .endOfFile: finish(.failed("it closed before it answered"))
        case .failed(let error): finish(.failed(error.description))
        }
    }

    private func judge() {
        let verdict = configuration.check.judge(answer)
        if verdict != .undecided { finish(verdict) }
    }

    private func finish(_ verdict: HealthCheck.Verdict) {
        if let socket {
            let farewell = configuration.check.farewell
            if verdict == .passed, !farewell.isEmpty { _ = socket.write(farewell, count: farewell.count) }
        }
        closeSocket()
        dialer = nil
        origin.record.count(checkPassed: verdict == .passed)
        if state.note(passed: verdict == .passed) {
            origin.record.passesChecks = state.isHealthy
            var reason = ""
            if case .failed(let why) = verdict { reason = why }
            context.owner.originChecked(origin, route: route, passes: state.isHealthy, reason)
        }
        context.deadlines.schedule(self, at: context.loop.now + configuration.interval.milliseconds)
    }

    private func closeSocket() {
        socket?.close()
        socket = nil
    }
}

extension HealthChecker: DialerDelegate {
    func willConnect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        if address.isTCP { _ = SocketOptions.setRelayOptionsOrWarn(descriptor) }
        if let mark = route.configuration.mark { try TransparentSocket.mark(descriptor, as: mark) }
    }

    func attemptFailed(to address: SocketAddress, _ error: SystemError) { lastError = error }

    func dialed(_ descriptor: Int32, to address: SocketAddress) {
        dialer = nil
        // Another host may be nearer, or farther away.
        if origin.configuration.healthAddress == nil {
            origin.record.observeRoundTrip(UInt32(clamping: MonotonicClock.microseconds &- dialedAt))
        }
        do {
            let isTCP = address.isTCP
            exchange(
                on: try CheckSocket(loop: context.loop, takingOver: descriptor, isTCP: isTCP, checker: self)
            )
        } catch {
            // No memory for a poll handle says nothing about the origin.
            context.deadlines.schedule(self, at: context.loop.now + configuration.interval.milliseconds)
        }
    }

    func dialFailed(_ reason: CloseReason) {
        finish(.failed(lastError?.description ?? reason.rawValue))
    }
}

/// A check's connection. Owned by its checker, which closes it.
private final class CheckSocket: StreamSocket {
    private unowned let checker: HealthChecker

    init(
        loop: EventLoop,
        takingOver descriptor: Int32,
        isTCP: Bool,
        checker: HealthChecker
    ) throws(SystemError) {
        self.checker = checker
        try super.init(loop: loop, takingOver: descriptor, isTCP: isTCP)
    }

    override func ready(_ events: PollEvents) {
        if events.contains(.failed) { markFailed() }
        checker.socketReady()
    }
}
