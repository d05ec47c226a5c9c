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
    /// No memory for a read: the context calls back when there is some.
    private(set) var waitsForBuffer = false
    /// Bytes that the sink's socket has taken.
    private(set) var relayedBytes: UInt64 = 0
    var controller: DirectionController

    init(source: LegSocket, sink: LegSocket, controller: DirectionController, context: RelayContext) {
        self.source = source
        self.sink = sink
        self.controller = controller
        self.context = context
    }

    deinit { assert(buffer == nil, "a half relay went with a lease") }

    /// Bytes of memory that this direction holds.
    var heldBytes: Int { buffer?.capacity ?? 0 }
    var wantsToRead: Bool { phase == .relaying && buffer == nil && !waitsForBuffer }
    var wantsToWrite: Bool { buffer != nil }

    /// Moves what can be moved now: what is left from before, then one read's worth. More comes with the next event, so
    /// that every flow on the loop gets its turn.
    func pump() -> Outcome {
        if buffer != nil {
            if let error = writeOut() { return fail(error) }
            if buffer != nil { return .running }
        }
        guard phase == .relaying else { return finishDraining() }
        repeat {
            if let outcome = relayOnce() { return outcome }
            // A failed source is not polled any more, so nobody would come back for the rest.
        } while source.hasFailed && phase == .relaying && buffer == nil && !waitsForBuffer
        return .running
    }

    /// Drops what is held and takes no further part: the connection is over.
    func abandon() {
        releaseBuffer()
        phase = .finished
        waitsForBuffer = false
    }

    /// One read, and the write of what it brought. `nil` when there may be more to do.
    private func relayOnce() -> Outcome? {
        let wanted = min(controller.ringTarget, context.turns.share)
        guard let lease = context.pool.lease(wanted) else {
            waitsForBuffer = true
            return .running
        }
        waitsForBuffer = false
        switch source.read(into: lease.base, atMost: lease.capacity) {
        case .bytes(let count):
            accept(count, in: lease)
            if let error = writeOut() { return fail(error) }
            return nil
        case .wouldBlock:
            context.pool.release(lease)
            guard source.hasFailed else { return .running }
            // An error that a read does not show, on a socket that nobody polls any more.
            return .sourceFailed(SystemError(code: SocketOptions.takeError(source.descriptor), call: "recv"))
        case .endOfFile:
            context.pool.release(lease)
            if source.wasResetByPeer { return .sourceFailed(SystemError(code: ECONNRESET, call: "recv")) }
            phase = .draining
            return finishDraining()
        case .failed(let error):
            context.pool.release(lease)
            return .sourceFailed(error)
        }
    }

    private func accept(_ count: Int, in lease: RelayBuffer) {
        buffer = lease
        buffer!.filled(count)
        context.turns.noteRead(count)
        source.connection.noteRead(count, from: source.leg)
        // What the loop's share cut short says nothing about the flow.
        controller.noteRead(bytes: count, filled: count >= controller.ringTarget)
    }

    /// Writes until the buffer is empty or the sink is full. Returns the sink's error.
    private func writeOut() -> SystemError? {
        while let count = buffer?.count, count > 0 {
            switch sink.write(buffer!.unwritten, count: count) {
            case .bytes(let written):
                buffer!.written(written)
                relayedBytes &+= UInt64(written)
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
