import Glibc
import SluiceControl

/// One direction of a connection: bytes from the source's socket to the sink's.
///
/// It leases a buffer, reads once, writes at once, and gives the buffer back: an idle direction holds nothing. Only what
/// the sink does not take stays, and while something stays, nothing more is read: that is the back-pressure, and the bound
/// on what a slow reader costs.
///
/// Invariants:
/// - `buffer` is nil or not empty between two calls of `pump`;
/// - the source is read only in `.relaying`, and only with an empty buffer;
/// - a pump says `.drained` exactly once, on the way to `.finished`, unless the sink had failed.
final class HalfRelay {
    enum Phase: UInt8 {
        /// The source may send more.
        case relaying
        /// The source has ended; what is left is being written.
        case draining
        /// Everything is written and passed on, or the sink takes nothing any more.
        case finished
    }

    /// What a pump came to. The connection acts on it.
    enum Outcome {
        case running
        /// Everything is written: the sink's write half is to be shut down, once.
        case drained
        /// The source is gone without an orderly end.
        case sourceFailed(SystemError)
        /// The sink takes nothing any more; this direction is finished, and what it held is dropped.
        case sinkFailed(SystemError)
    }

    let source: LegSocket
    let sink: LegSocket
    private let context: RelayContext
    private var buffer: RelayBuffer?
    private(set) var phase = Phase.relaying
    /// What the source has stays in its kernel until the sink takes some: there was no memory, or the sink is to hold little.
    private var waitsForSink = false
    /// Bytes that the sink's socket has taken.
    private(set) var relayedBytes: UInt64 = 0
    var controller: DirectionController
    /// The ring of the decision that was applied last, bytes.
    var decidedRing: UInt32
    /// Where the bandwidth is limited: when this direction may read, and how much.
    var pacer: ReadPacer?

    init(source: LegSocket, sink: LegSocket, controller: DirectionController, context: RelayContext) {
        self.source = source
        self.sink = sink
        self.controller = controller
        decidedRing = UInt32(clamping: controller.ringTarget)
        self.context = context
    }

    deinit { assert(buffer == nil, "a half relay went with a lease") }

    var direction: Direction { sink.leg == .origin ? .upstream : .downstream }
    /// Bytes of memory that this direction holds.
    var heldBytes: Int { buffer?.capacity ?? 0 }
    /// Whether the source has, or may have, sent what the sink was not given: an end now would be no end of the stream.
    var isUnfinished: Bool {
        phase != .finished && (buffer != nil || waitsForSink || pacer?.isWaiting == true)
    }
    var wantsToRead: Bool { phase == .relaying && !isUnfinished }
    var wantsToWrite: Bool { buffer != nil || waitsForSink }

    /// Moves what can be moved now: what is left from before, then one read's worth. More comes with the next event, so
    /// that every flow on the loop gets its turn.
    func pump() -> Outcome {
        waitsForSink = false
        if buffer != nil {
            if let error = writeOut() { return fail(error) }
            if buffer != nil { return .running }
            if phase == .relaying, asksSink(after: sink.actuator.littleRoom) { return .running }
        }
        guard phase == .relaying else { return finishDraining() }
        repeat {
            if let outcome = relayOnce() { return outcome }
            // A failed source is not polled any more, so nobody would come back for the rest.
        } while source.hasFailed && phase == .relaying && buffer == nil && !waitsForSink
        return .running
    }

    /// Drops what is held and takes no further part: the connection is over.
    func abandon() {
        releaseBuffer()
        pacer?.stop()
        phase = .finished
    }

    /// One read, and the write of what it brought. `nil` when there may be more to do.
    private func relayOnce() -> Outcome? {
        let share = min(controller.ringTarget, context.turns.share, sink.actuator.littleRoom)
        let wanted = pacer?.allowance(share) ?? share
        guard wanted > 0 else { return .running }
        guard let lease = context.pool.lease(wanted) else { return relayWithoutLease(atMost: wanted) }
        let transfer = source.read(into: lease.base, atMost: lease.capacity)
        guard case .bytes(let count) = transfer else {
            context.pool.release(lease)
            return noteNothingRead(transfer)
        }
        buffer = lease
        buffer!.filled(count)
        noteRead(count)
        if let error = writeOut() { return fail(error) }
        _ = asksSink(after: count)
        return nil
    }

    /// Whether the sink is to say that it has room before more is read. A limit is no bound for who does not ask: a write is
    /// added to the segment that waits already, up to 64 KiB of it (tcp_sendmsg_locked, net/ipv4/tcp.c). Asking costs a turn of
    /// the loop, so that small messages do not.
    private func asksSink(after written: Int) -> Bool {
        let room = sink.actuator.littleRoom
        guard buffer == nil, room < .max, written >= room / 4 else { return false }
        waitsForSink = true
        return true
    }

    /// At the memory ceiling: passes on what the sink takes at once, and leaves the rest where it is. This costs a call and
    /// a copy more than a lease does, but holds nothing: so no number of slow readers stops the others.
    private func relayWithoutLease(atMost wanted: Int) -> Outcome? {
        let scratch = context.scratch
        let transfer = source.peek(into: scratch.baseAddress!, atMost: min(scratch.count, wanted))
        guard case .bytes(let peeked) = transfer else { return noteNothingRead(transfer) }
        switch sink.write(scratch.baseAddress!, count: peeked) {
        case .bytes(let written):
            noteWritten(written, of: peeked)
            if written < peeked { waitForSink() }
            return take(written)
        case .wouldBlock:
            pacer?.noteRead(0)
            waitForSink()
            return .running
        case .failed(let error): return fail(error)
        case .endOfFile: preconditionFailure("a write has no end of file")
        }
    }

    /// Takes bytes that were peeked at, and passed on, out of the source. They are in its queue, whatever happens to it.
    private func take(_ count: Int) -> Outcome? {
        var left = count
        while left > 0 {
            let transfer = source.read(into: context.scratch.baseAddress!, atMost: left)
            guard case .bytes(let taken) = transfer else { return noteNothingRead(transfer) }
            left -= taken
        }
        noteRead(count)
        return nil
    }

    private func waitForSink() {
        waitsForSink = true
        context.metrics.bufferWaits += 1
    }

    private func noteNothingRead(_ transfer: StreamSocket.Transfer) -> Outcome {
        pacer?.noteRead(0)
        switch transfer {
        case .bytes: preconditionFailure("something was read")
        case .wouldBlock:
            guard source.hasFailed else { return .running }
            // An error that a read does not show, on a socket that nobody polls any more.
            return .sourceFailed(SystemError(code: SocketOptions.takeError(source.descriptor), call: "recv"))
        case .endOfFile:
            if source.wasResetByPeer { return .sourceFailed(SystemError(code: ECONNRESET, call: "recv")) }
            phase = .draining
            return finishDraining()
        case .failed(let error):
            return .sourceFailed(error)
        }
    }

    private func noteRead(_ count: Int) {
        pacer?.noteRead(count)
        context.turns.noteRead(count)
        source.connection.noteRead(count, from: source.leg)
        // What the loop's share cut short says nothing about the flow.
        let filled = count >= controller.ringTarget
        if filled, !controller.isStarted { source.connection.beginControl(of: self) }
        controller.noteRead(bytes: count, filled: filled)
    }

    /// Writes until the buffer is empty or the sink is full. Returns the sink's error.
    private func writeOut() -> SystemError? {
        while let count = buffer?.count, count > 0 {
            switch sink.write(buffer!.unwritten, count: count) {
            case .bytes(let written):
                buffer!.written(written)
                noteWritten(written, of: count)
                // A short write means a full socket: another call would only say so.
                if written < count { return keepRest() }
            case .wouldBlock: return keepRest()
            case .failed(let error): return error
            case .endOfFile: preconditionFailure("a write has no end of file")
            }
        }
        releaseBuffer()
        return nil
    }

    private func noteWritten(_ written: Int, of count: Int) {
        relayedBytes &+= UInt64(written)
        if let limit = controller.noteTaken(bytes: written, at: context.loop.now) {
            sink.connection.setNotSentLowat(limit, of: self)
        }
        let window = controller.noteWritten(bytes: written, all: written == count, at: context.loop.now)
        guard let window else { return }
        source.connection.setSourceWindow(window, of: self)
    }

    private func keepRest() -> SystemError? {
        buffer = context.pool.compact(buffer!)
        return nil
    }

    private func fail(_ error: SystemError) -> Outcome {
        if error.code != EPIPE { sink.wasResetByPeer = true }
        abandon()
        return .sinkFailed(error)
    }

    private func finishDraining() -> Outcome {
        guard phase == .draining, buffer == nil else { return .running }
        phase = .finished
        return .drained
    }

    private func releaseBuffer() {
        guard let lease = buffer else { return }
        buffer = nil
        context.pool.release(lease)
    }
}
