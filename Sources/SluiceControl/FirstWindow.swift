/// The window that the socket of a source is born with, and that holds until a flow has shown what it needs.
///
/// What was advertised once cannot be taken back (RFC 9293, 3.8.6), and a slow reader's source fills it at once: the kernel's
/// own first window let 128 KiB for each of 200 such readers into Sluice's receive queues before the first read.
public enum FirstWindow: UInt8, Sendable {
    /// A source on this host: it is answered within microseconds, so that a small window costs it nothing.
    case local
    /// Room for a sender's first ten segments (RFC 6928), and for as many again behind them.
    case remote

    public var bytes: Int {
        switch self {
        case .local: 16 << 10
        case .remote: 32 << 10
        }
    }
}
