/// Why a plan cannot be run: the sentence's rest after "the plan".
public struct PlanProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
}

extension BenchPlan {
    /// Data connections of one run. A server gives each a thread.
    public static let maximumLanes = 1024

    /// Checks everything that a server must be able to rely on. Throws the first problem.
    public func validate() throws(PlanProblem) {
        try validateLength()
        try Self.check("--drain", drainSeconds, 0...3600, "seconds")
        try Self.check("--interval", interval, 0.05...3600, "seconds")
        try Self.check("--parallel", parallel, 1...Self.maximumLanes, "connections")
        try Self.check("--probes", probes, 1...Self.maximumLanes, "connections")
        try Self.check("all connections together", lanes.count, 0...Self.maximumLanes, "connections")
        guard !directions.isEmpty, Set(directions).count == directions.count else {
            throw PlanProblem(description: "it names a direction twice, or none")
        }
        try Self.check("--length", blockBytes, FreshnessFrame.headerBytes...(16 << 20), "bytes")
        if let bitsPerSecond {
            try Self.check("--bitrate", bitsPerSecond, 1000...1_000_000_000_000, "bits per second")
        }
        try Self.check("--notsent-lowat", notSentLowat, 0...(1 << 30), "bytes")
        let buffers = lanes.count * (blockBytes + request.requestBytes + request.responseBytes)
        try Self.check("the buffers of all connections together", buffers, 0...(1 << 30), "bytes")
        try request.validate()
        try tokens.validate()
        if let congestionControl, congestionControl.isEmpty || congestionControl.utf8.count > 15 {
            throw PlanProblem(description: "'\(congestionControl)' is not the name of a congestion control")
        }
    }

    private func validateLength() throws(PlanProblem) {
        switch (seconds, bytes) {
        case (let seconds?, nil):
            try Self.check("--time", seconds, 0.1...86_400, "seconds")
        case (nil, let bytes?):
            guard mode == .stream else {
                throw PlanProblem(description: "--bytes goes with --mode stream only; the others take --time")
            }
            try Self.check("--bytes", bytes, 1...(1 << 50), "bytes")
        default:
            throw PlanProblem(description: "it takes one of --time and --bytes")
        }
    }

    fileprivate static func check<Value: Comparable>(
        _ name: String,
        _ value: Value,
        _ range: ClosedRange<Value>,
        _ unit: String
    ) throws(PlanProblem) {
        // Written so that a NaN does not pass.
        guard range.contains(value) else {
            throw PlanProblem(
                description:
                    "\(name) is \(value), and must be from \(range.lowerBound) to \(range.upperBound) \(unit)"
            )
        }
    }
}

extension RequestPlan {
    func validate() throws(PlanProblem) {
        try BenchPlan.check("--request-size", requestBytes, 1...(16 << 20), "bytes")
        try BenchPlan.check("--response-size", responseBytes, 1...(16 << 20), "bytes")
        if let perSecond { try BenchPlan.check("--rate", perSecond, 0.01...1_000_000, "requests per second") }
    }
}

extension TokenPlan {
    func validate() throws(PlanProblem) {
        try BenchPlan.check("--tokens", count, 1...1_000_000, "tokens")
        try BenchPlan.check("--token-size", bytes, 1...(1 << 20), "bytes")
        try BenchPlan.check("--token-rate", perSecond, 0.1...100_000, "tokens per second")
        try BenchPlan.check("--stall", stallSeconds, 0.001...60, "seconds")
    }
}
