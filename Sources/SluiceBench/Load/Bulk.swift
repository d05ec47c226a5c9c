// Bulk one way: as fast as the connection takes it, or at the plan's rate.

import SluiceRandom

/// Writes until the run ends, or the plan's bytes are used up.
struct BulkSender {
    private let lane: Lane
    private let direction: FlowDirection
    /// Random, so that nothing on the way can compress it. In words of 8 bytes.
    private let block: [UInt64]

    init(lane: Lane, direction: FlowDirection) {
        self.lane = lane
        self.direction = direction
        var generator = SplitMix64(seed: lane.run.plan.seed &+ UInt64(lane.index))
        block = (0..<(lane.run.plan.blockBytes + 7) / 8).map { _ in generator.next() }
    }

    func run() {
        let run = lane.run
        lane.socket.setNotSentLowat(run.plan.notSentLowat)
        var pacer = lane.makePacer()
        block.withUnsafeBytes { words in
            let block = UnsafeRawBufferPointer(rebasing: words[..<run.plan.blockBytes])
            var pending = 0
            while !run.isOver {
                if let due = pacer?.due { BenchClock.sleep(until: min(due, run.end), unless: run.stop) }
                if pending == 0 { pending = run.take(block.count, of: direction) }
                guard pending > 0, let sent = send(.init(rebasing: block[..<pending])) else { return }
                pending -= sent
                pacer?.sent(sent)
            }
        }
    }

    /// `nil` when the connection has broken.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int? {
        switch lane.socket.send(bytes) {
        case .bytes(let count):
            lane.count(count)
            return count
        case .tick:
            return 0
        case .endOfFile:
            return nil
        case .failed(let error):
            lane.fail(.failed(error))
            return nil
        }
    }
}

/// Reads until the sender has closed, or for as long as the run waits for what is on its way.
struct BulkReceiver {
    let lane: Lane

    func run() {
        withUnsafeTemporaryAllocation(byteCount: lane.run.plan.blockBytes, alignment: 16) { buffer in
            while !lane.run.abort.isOpen, BenchClock.now < lane.run.drainEnd {
                switch lane.socket.receive(into: buffer) {
                case .bytes(let count): lane.count(count)
                case .tick: continue
                case .endOfFile: return
                case .failed(let error):
                    lane.fail(.failed(error))
                    return
                }
            }
        }
    }
}
