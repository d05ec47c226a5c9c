// Request and response over a socket: both sides know the sizes, so nothing but payload travels.

/// The client's end: requests when they are due.
struct RequestClient: RequestChannel {
    private let lane: Lane
    private let request: [UInt8]
    private let response: UnsafeMutableRawBufferPointer

    /// How long a request under way at the end of the run may take until it counts as unanswered.
    private static let grace = 2 * BenchClock.second

    static func run(_ lane: Lane) {
        let run = lane.run
        let count = lane.run.plan.mode == .mixed ? run.plan.probes : run.plan.parallel
        let spacing = run.plan.request.perSecond.map { 1e9 * Double(count) / $0 }
        // The connections take turns.
        let offset = (spacing ?? 0) * Double(lane.index) / Double(count)
        let loop = RequestLoop(start: run.beganAt + UInt64(offset), end: run.end, spacing: spacing)
        withUnsafeTemporaryAllocation(byteCount: run.plan.request.responseBytes, alignment: 16) { response in
            var client = RequestClient(
                lane: lane,
                request: [UInt8](repeating: 0x71, count: run.plan.request.requestBytes),
                response: response
            )
            do throws(ExchangeError) {
                try loop.run(over: &client)
            } catch {
                lane.fail(error)
            }
        }
    }

    var now: UInt64 { BenchClock.now }
    var isStopped: Bool { lane.run.stop.isOpen }

    /// Not a spin for the last microseconds: on a busy machine the scheduler makes those who spun wait longest (p50 grew
    /// from 0.09 to 1.8 ms).
    func sleep(until instant: UInt64) { BenchClock.sleep(until: instant, unless: lane.run.stop) }

    func exchange() throws(ExchangeError) {
        let deadline = lane.run.end + Self.grace
        try lane.socket.send(request, until: deadline, unless: lane.run.stop)
        try lane.socket.receiveAll(into: response, until: deadline, unless: lane.run.stop)
        lane.count(request.count + response.count)
    }

    func record(_ metric: Metric, due: UInt64, _ nanoseconds: UInt64) {
        lane.run.recorders.record(metric, lane.run.phase(at: due), nanoseconds)
    }

    func count(_ tally: Tally) { lane.run.recorders.count(tally) }
}

/// The server's end: a response for each request, until the client closes.
struct RequestServer {
    let lane: Lane

    func run() {
        let plan = lane.run.plan.request
        let response = [UInt8](repeating: 0x72, count: plan.responseBytes)
        withUnsafeTemporaryAllocation(byteCount: plan.requestBytes, alignment: 16) { request in
            do throws(ExchangeError) {
                while true {
                    try lane.socket.receiveAll(into: request, until: .max, unless: lane.run.abort)
                    try lane.socket.send(response, until: .max, unless: lane.run.abort)
                    lane.count(request.count + response.count)
                }
            } catch {
                // The client closes when it is done: not an error here, and the client tells its own.
            }
        }
    }
}
