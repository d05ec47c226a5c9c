import SluiceCore

/// The bench's client: carries out one plan against one server.
public struct BenchClient: Sendable {
    public var plan: BenchPlan
    public var address: Address
    /// For tables and legends.
    public var label: String
    /// As it was typed, for the result.
    public var command: [String] = []
    /// The process under test.
    public var observedPID: Int32?
    /// Seconds to connect in, and again to answer in.
    public var connectTimeout = 5.0
    /// Called when all is arranged and the measurement begins, on the thread of `run`.
    public var onBegin: @Sendable () -> Void = {}
    /// Called once an interval, on a thread of the run.
    public var onInterval: @Sendable (IntervalReport) -> Void = { _ in }
    /// Called some times a second, on the thread of `run`.
    public var onProgress: @Sendable (RunProgress) -> Void = { _ in }

    public init(plan: BenchPlan, address: Address) {
        self.plan = plan
        self.address = address
        label = address.description
    }

    /// Runs the plan to its end, or until `stop` opens: what was measured until then is the result. Blocks its thread.
    public func run(stop: Gate = Gate()) throws(BenchError) -> BenchResult {
        do throws(PlanProblem) {
            try plan.validate()
        } catch {
            throw .rejected(error.description)
        }
        let handshake = ClientHandshake(target: try BenchTarget(address), patience: connectTimeout)
        let watch = try MachineWatch(pid: observedPID)
        let session = try ClientSession(handshake: handshake, plan: plan, stop: stop)
        return session.measure(self, watch: watch, stop: stop)
    }
}

/// How far a run has come.
public struct RunProgress: Sendable {
    /// Since its beginning.
    public var seconds: Double
    public var plan: BenchPlan
    /// So far, bytes.
    public var upstream: UInt64
    public var downstream: UInt64
    public var tallies: [Tally: UInt64]
}
