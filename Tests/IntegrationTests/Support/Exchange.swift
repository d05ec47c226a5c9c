import Glibc
import SluiceRandom

/// Both directions of one connection at once, in chunks of random sizes with random pauses: the traffic that finds
/// mistakes in a relay's bookkeeping.
///
/// One thread does both directions, so that neither ever keeps the other from moving.
struct Exchange {
    private let outgoing: Pattern
    private let incoming: Pattern
    /// In each direction.
    private let byteCount: Int
    private var generator: SplitMix64
    private var sentBytes = 0
    private var receivedBytes = 0
    private var hasEnded = false

    init(outgoing: Pattern, incoming: Pattern, byteCount: Int, seed: UInt64) {
        self.outgoing = outgoing
        self.incoming = incoming
        self.byteCount = byteCount
        generator = SplitMix64(seed: seed)
    }

    private var isSending: Bool { sentBytes < byteCount }

    /// Sends and receives until both directions have ended.
    mutating func run(on peer: Peer) throws {
        while isSending || !hasEnded {
            let pauses = isSending && Int.random(in: 0..<8, using: &generator) == 0
            try wait(peer, pauses: pauses)
            if isSending && !pauses { try sendChunk(on: peer) }
            if !hasEnded { try receiveChunk(on: peer) }
        }
        guard receivedBytes == byteCount else {
            throw StreamEnded(offset: receivedBytes, expected: byteCount)
        }
    }

    private func wait(_ peer: Peer, pauses: Bool) throws {
        let events = (hasEnded ? 0 : POLLIN) | (isSending && !pauses ? POLLOUT : 0)
        if pauses {
            // A pause is part of the traffic: its end is nothing that a test waits for.
            try? peer.waitForEvents(events, what: "a pause", deadline: Deadline(after: .milliseconds(2)))
        } else {
            try peer.waitForEvents(events, what: "the exchange to go on")
        }
    }

    private mutating func sendChunk(on peer: Peer) throws {
        let chunk = 1 << Int.random(in: 0...15, using: &generator)
        sentBytes += try peer.sendWhatFits(outgoing, sentBytes..<min(byteCount, sentBytes + chunk))
        if !isSending { peer.closeWrite() }
    }

    private mutating func receiveChunk(on peer: Peer) throws {
        let most = 1 << Int.random(in: 0...15, using: &generator)
        try withUnsafeTemporaryAllocation(byteCount: most, alignment: 8) { room in
            guard let count = try peer.receiveOnce(room) else { return }
            try incoming.check(UnsafeRawBufferPointer(rebasing: room[..<count]), at: receivedBytes)
            receivedBytes += count
            hasEnded = count == 0
        }
    }
}
