/// Watches one connection's reads and says when they do not look like its class.
public struct TrafficShape: Sendable {
    /// The class that the connection has now.
    public private(set) var flowClass: FlowClass

    public init(guess: FlowClass) {
        flowClass = guess
    }

    /// Called after every read, in either direction. A few integer instructions.
    public mutating func noteRead(_ direction: Direction, bytes: Int) {}

    /// Called with each sample. Returns the corrected class, once, when the evidence is strong.
    public mutating func correction(at time: UInt64) -> FlowClass? { nil }
}
