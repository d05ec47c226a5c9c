import Synchronization

/// A stream that two threads send and check until it is stopped.
final class BulkFlow: Sendable {
    private let progress = Progress()
    private let sending: Background<Int>
    private let receiving: Background<Int>

    private final class Progress: Sendable {
        let received = Atomic<Int>(0)
        let isStopping = Atomic<Bool>(false)
    }

    init(from sender: Peer, to receiver: Peer) {
        let pattern = Pattern(seed: 8)
        let chunk = Pattern.chunkCeiling
        sending = Background { [progress] in
            var sent = 0
            while !progress.isStopping.load(ordering: .relaxed) {
                try sender.send(pattern, sent..<sent + chunk)
                sent += chunk
            }
            sender.close()
            return sent
        }
        receiving = Background { [progress] in
            var received = 0
            while try !receiver.isAtEnd() {
                try receiver.receive(pattern, received..<received + chunk)
                received += chunk
                progress.received.store(received, ordering: .relaxed)
            }
            receiver.close()
            return received
        }
    }

    var receivedBytes: Int { progress.received.load(ordering: .relaxed) }

    /// Ends the stream and throws what went wrong on either end. Returns the bytes, which both ends have counted.
    @discardableResult
    func stop() throws -> Int {
        progress.isStopping.store(true, ordering: .relaxed)
        let (sent, received) = (try sending.value(), try receiving.value())
        guard received == sent else { throw StreamEnded(offset: received, expected: sent) }
        return sent
    }
}
