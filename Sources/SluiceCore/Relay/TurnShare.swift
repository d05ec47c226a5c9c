/// How much one bulk flow may move when its turn comes in an iteration of the loop.
///
/// A small flow on the same loop waits for what the bulk flows move in one iteration. So they share a fixed number of
/// bytes: alone, a flow reads as much as its ring holds; many at once read less each, and nobody waits longer.
struct TurnShare {
    /// Bytes that all bulk flows together may move in an iteration: about a millisecond's copying.
    static let iterationBytes = 2 << 20
    /// Below this a read costs more calls than it saves waiting.
    static let smallestShare = 64 << 10

    private(set) var share = iterationBytes
    private var bulkReads = 0

    mutating func noteRead(_ bytes: Int) {
        if bytes >= Self.smallestShare { bulkReads += 1 }
    }

    /// A new iteration begins: what the last one saw decides.
    mutating func nextIteration() {
        share = max(Self.smallestShare, Self.iterationBytes / max(1, bulkReads))
        bulkReads = 0
    }
}
