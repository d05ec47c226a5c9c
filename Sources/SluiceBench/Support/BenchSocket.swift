// A blocking TCP socket whose calls return at least ten times a second, so that a thread that waits in one notices the
// end of its run.

import CSluiceLinux
import Glibc
import SluiceControl
import SluiceCore

/// A connected TCP socket. Owns its descriptor, which closes when the last reference goes.
///
/// One thread reads, one writes, and any thread may ask for `sample` or call `abort`.
final class BenchSocket: Sendable {
    let descriptor: Int32

    /// What a read or a write came to.
    enum Transfer {
        case bytes(Int)
        /// Nothing moved for a tick: look whether the run is over, and call again.
        case tick
        /// Reads only: the peer has closed its half.
        case endOfFile
        case failed(SystemError)
    }

    private static let tickMicroseconds = 100_000

    /// Takes `descriptor` over, and makes it blocking with a tick.
    init(takingOver descriptor: Int32) {
        self.descriptor = descriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        var tick = timeval(tv_sec: 0, tv_usec: Self.tickMicroseconds)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &tick, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &tick, size)
        setOption(IPPROTO_TCP, TCP_NODELAY, 1)
    }

    deinit { close(descriptor) }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        return count == 0 ? .endOfFile : failure("recv")
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        return count >= 0 ? .bytes(count) : failure("send")
    }

    private func failure(_ call: String) -> Transfer {
        errno == EAGAIN || errno == EINTR ? .tick : .failed(.last(call))
    }

    /// Closes the sending half: the peer reads an end of file after everything before it.
    func shutdownWrite() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both halves: every call on the socket returns at once.
    func abort() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    // MARK: What the kernel says

    /// `nil` when the socket is gone.
    var sample: LegSample? { LegSample(descriptor: descriptor) }

    /// Bytes that the peer has not acknowledged: the send queue.
    var outputQueue: Int { Int(max(0, csluice_output_queue(descriptor))) }

    /// The name of the congestion control in use.
    var congestionControl: String {
        var name = [UInt8](repeating: 0, count: 16)
        var length = socklen_t(name.count)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, &name, &length) == 0 else {
            return "unknown"
        }
        return String(decoding: name.prefix(Int(length)).prefix { $0 != 0 }, as: UTF8.self)
    }

    // MARK: Options

    func setCongestionControl(_ name: String) throws(SystemError) {
        guard
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, name, socklen_t(name.utf8.count)) == 0
        else { throw .last("set congestion control", on: name) }
    }

    /// The kernel takes no more than this before it has sent what it has. 0 leaves the default.
    func setNotSentLowat(_ bytes: Int) {
        guard bytes > 0 else { return }
        // TCP_NOTSENT_LOWAT (Linux 3.12), which Glibc's module does not show.
        setOption(IPPROTO_TCP, 25, Int32(clamping: bytes))
    }

    /// Finds out within half a minute that the peer has vanished.
    func setKeepalive() {
        setOption(IPPROTO_TCP, TCP_KEEPIDLE, 10)
        setOption(IPPROTO_TCP, TCP_KEEPINTVL, 5)
        setOption(IPPROTO_TCP, TCP_KEEPCNT, 4)
        setOption(Int(SOL_SOCKET), SO_KEEPALIVE, 1)
    }

    private func setOption(_ level: Int, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
