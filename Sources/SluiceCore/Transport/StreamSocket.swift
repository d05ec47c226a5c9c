import CSluiceLinux
import Glibc

/// A connected, or connecting, stream socket: reads, writes and the ways to end it.
///
/// Owns its descriptor, which `close` or `reset` closes. Thread: its loop's.
class StreamSocket: PollHandle {
    let descriptor: Int32
    /// Whether the socket speaks TCP (and not Unix).
    let isTCP: Bool
    /// Set once the kernel reported an error: the socket is not polled any more, and every call returns at once.
    private(set) final var hasFailed = false

    /// What a read or a write came to.
    enum Transfer {
        /// So many bytes, at least one.
        case bytes(Int)
        case wouldBlock
        /// Reads only: the peer has closed its half.
        case endOfFile
        case failed(SystemError)
    }

    /// Takes `descriptor` over, and closes it when it throws.
    init(loop: EventLoop, takingOver descriptor: Int32, isTCP: Bool) throws(SystemError) {
        self.descriptor = descriptor
        self.isTCP = isTCP
        do {
            try super.init(loop: loop, descriptor: descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Polling has ended by an error: remembers it, so that nobody polls again.
    final func markFailed() { hasFailed = true }

    final func read(into buffer: UnsafeMutableRawPointer, atMost count: Int) -> Transfer {
        receive(into: buffer, atMost: count, flags: 0)
    }

    /// Reads without taking: the next read brings the same bytes again.
    final func peek(into buffer: UnsafeMutableRawPointer, atMost count: Int) -> Transfer {
        receive(into: buffer, atMost: count, flags: Int32(MSG_PEEK))
    }

    private func receive(into buffer: UnsafeMutableRawPointer, atMost count: Int, flags: Int32) -> Transfer {
        while true {
            let received = recv(descriptor, buffer, count, flags)
            if received > 0 { return .bytes(received) }
            if received == 0 { return .endOfFile }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(.last("recv"))
            }
        }
    }

    final func write(_ bytes: UnsafeRawPointer, count: Int) -> Transfer {
        while true {
            let sent = send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
            if sent >= 0 { return .bytes(sent) }
            switch errno {
            case EINTR: continue
            // ENOBUFS: a Unix socket's peer has a full queue. Both pass when the peer reads.
            case EAGAIN, ENOBUFS: return .wouldBlock
            default: return .failed(.last("send"))
            }
        }
    }

    /// Closes the sending half: the peer reads an end of file once it has read everything before it.
    /// An error here means that the peer is gone, which the next read tells.
    final func shutdownWrite() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Bytes, and the end of file, that the peer has not acknowledged (SIOCOUTQ, tcp(7)).
    final var unacknowledgedBytes: Int { Int(max(0, csluice_output_queue(descriptor))) }

    /// Ends the socket in order. What the kernel still has to send, it sends.
    final func close() {
        guard !isClosed else { return }
        stopWatching()
        Glibc.close(descriptor)
    }

    /// Ends the socket with a reset: the peer's next call fails, and nothing unsent arrives.
    final func reset() {
        guard !isClosed else { return }
        SocketOptions.lingerZero(descriptor)
        close()
    }
}
