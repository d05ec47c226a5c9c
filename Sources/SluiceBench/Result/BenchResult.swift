import SluiceLab

/// Everything that a run measured, and what is needed to run it again.
public struct BenchResult: Codable, Sendable {
    /// Of this document: raised when a field changes its meaning.
    public var schema = 1
    /// For tables and legends, when several results stand side by side.
    public var label: String
    public var plan: BenchPlan
    /// The address that the client connected to.
    public var target: String
    /// The exact command.
    public var command: [String]
    /// When the run began: ISO 8601, UTC.
    public var date: String
    /// From the start to the end of the measurement, on the client's clock.
    public var seconds: Double
    /// Stopped by a signal before its end.
    public var wasInterrupted: Bool
    /// Why the server's side is missing.
    public var problem: String?
    public var client: SideReport
    public var server: SideReport?
    public var clock: ClockRelation
    public var kernelTCPMemory: KernelTCPMemory
    /// The process under test, when one was named.
    public var observed: ObservedProcess?
    /// The emulated link that the run went across. Its seconds count from the beginning of the run.
    public var link: LinkReport?
}

/// How the clocks of both sides relate: what the ages of `freshness` rest on.
public struct ClockRelation: Codable, Sendable, Equatable {
    /// Both sides run on one machine, and read the same clock.
    public var isShared: Bool
    /// What is added to the server's clock to get the client's, nanoseconds.
    public var offset: Int64
    /// Half of the shortest round trip that the offset was estimated from, nanoseconds: it may be off by so much.
    public var uncertainty: UInt64
}

/// Pages that the kernel held for TCP on the client's machine, all network namespaces together
/// (`mem` in /proc/net/sockstat), in bytes.
public struct KernelTCPMemory: Codable, Sendable, Equatable {
    public var start: UInt64
    public var mean: UInt64
    public var peak: UInt64
    /// TCP sockets in use in the observed process's network namespace, or in the client's own, at their most.
    public var peakSockets: Int
}

/// What a process cost during a run.
public struct ObservedProcess: Codable, Sendable, Equatable {
    public var pid: Int32
    public var name: String
    /// User and system time.
    public var cpuSeconds: Double
    /// Resident memory, bytes: at the start, and at its most.
    public var residentStart: UInt64
    public var residentPeak: UInt64
    /// It ended before the run did: the figures reach to its last moment.
    public var hasExited: Bool
}
