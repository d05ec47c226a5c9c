/// Sizes the buffers of one direction of one connection, from what its sending socket shows.
public struct DirectionController: Sendable {
    public private(set) var ringTarget: Int
    public private(set) var lastReason: Reason = .startup

    public init(policy: Policy, targets: ClassTargets, ringCeiling: Int) {
        ringTarget = min(16 << 10, ringCeiling)
    }

    public mutating func noteRead(bytes: Int, filled: Bool) {}

    public mutating func observe(sink: LegSample?, relayedBytes: UInt64, at time: UInt64) -> Decision? { nil }

    public mutating func setClass(_ targets: ClassTargets) {}

    public var initialDecision: Decision {
        Decision(reason: .startup, ringBytes: ringTarget, notSentLowat: nil)
    }

    public var estimate: PathEstimate { PathEstimate() }
}
