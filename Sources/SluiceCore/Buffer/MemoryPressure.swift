/// What gives way as the memory ceiling comes near, in this order. No step closes a connection or drops a byte.
public enum MemoryPressure: String, Sendable, CaseIterable {
    /// A lease was made smaller than it was asked for, because it takes at most an eighth of what is left.
    case shortLease = "short_lease"
    /// A pool gave free buffers of other sizes back, to make room for one that fits.
    case reclaimed
    /// There was no lease at all: the bytes passed through the loop's scratch buffer, as far as the sink took them at once, and
    /// the rest stayed in the source's kernel.
    case noLease = "no_lease"

    var index: Int {
        switch self {
        case .shortLease: 0
        case .reclaimed: 1
        case .noLease: 2
        }
    }
}
