/// What the flows to one peer, in one direction, share: the bottleneck on their path.
///
/// A value without I/O or a clock. Whoever stores it hands it to each of the flows' controllers in turn.
public struct Bottleneck: Sendable {
    public init() {}
}
