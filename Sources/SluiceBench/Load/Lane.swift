import SluiceCore
import Synchronization

/// One data connection of a run, and what it has carried. Its thread counts; the sampler reads.
final class Lane: Sendable {
    let index: Int
    let role: LaneRole
    let socket: BenchSocket
    let run: RunState
    /// Opens when its thread waits for the beginning, with all that it needs.
    let isReady = Gate()
    private let byteCount = Atomic<UInt64>(0)
    private let startedAt = Atomic<UInt64>(0)
    private let lastByteAt = Atomic<UInt64>(0)
    private let failureText = Locked<String?>(nil)

    init(index: Int, role: LaneRole, socket: BenchSocket, run: RunState) {
        self.index = index
        self.role = role
        self.socket = socket
        self.run = run
    }

    var bytes: UInt64 { byteCount.load(ordering: .relaxed) }
    var failure: String? { failureText.withLock { $0 } }

    /// The way of its bulk or freshness. `nil` for the others.
    var direction: FlowDirection? {
        switch role {
        case .bulk(let direction), .freshness(let direction): direction
        case .request, .tokens: nil
        }
    }

    /// Which end of the flow this side is. `nil` where there is no flow.
    var flowRole: FlowSeries.Role? {
        direction.map { ($0 == .upstream) == run.isClient ? .sender : .receiver }
    }

    /// The body of the lane's thread: makes ready, waits for its turn, runs the load, ends the sending half.
    func runLoad() {
        let load = makeLoad()
        isReady.open()
        (role.isBulk ? run.load : run.begin).wait()
        startedAt.store(BenchClock.now, ordering: .relaxed)
        load()
        socket.shutdownWrite()
    }

    private func makeLoad() -> () -> Void {
        switch (role, flowRole) {
        case (.bulk(let direction), .sender): return BulkSender(lane: self, direction: direction).run
        case (.bulk, _): return BulkReceiver(lane: self).run
        case (.freshness(let direction), .sender):
            return FreshnessSource(lane: self, direction: direction).run
        case (.freshness, _): return FreshnessSink(lane: self).run
        case (.request, _) where run.isClient: return { RequestClient.run(self) }
        case (.request, _): return RequestServer(lane: self).run
        case (.tokens, _) where run.isClient: return TokenClient(lane: self).run
        case (.tokens, _): return TokenServer(lane: self).run
        }
    }

    func count(_ bytes: Int) {
        byteCount.add(UInt64(bytes), ordering: .relaxed)
        lastByteAt.store(BenchClock.now, ordering: .relaxed)
    }

    /// Remembers the error that ended it, unless the run was over anyway.
    func fail(_ error: ExchangeError) {
        switch error {
        case .stopped, .timedOut: return
        case .closed: fail("the peer closed the connection")
        case .failed(let error): fail(error.description)
        }
    }

    private func fail(_ text: String) {
        guard !run.isOver else { return }
        failureText.withLock { $0 = text }
        run.recorders.count(.failures)
    }

    var report: LaneReport {
        let start = startedAt.load(ordering: .relaxed)
        let last = lastByteAt.load(ordering: .relaxed)
        return LaneReport(
            lane: index,
            direction: direction,
            role: flowRole,
            bytes: bytes,
            seconds: last > start ? Double(last - start) / 1e9 : 0,
            retransmits: UInt64(socket.sample?.segmentsRetransmitted ?? 0),
            congestionControl: socket.congestionControl,
            failure: failure
        )
    }
}
