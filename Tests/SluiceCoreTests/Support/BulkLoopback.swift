import CSluiceLinux
import Glibc
import SluiceControl

@testable import SluiceCore

/// A TCP connection over loopback with segments of the size that a network has, and bytes that flow one way in one thread.
final class BulkLoopback {
    let sender: Int32
    let receiver: Int32
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// - Parameter prepareReceiver: gets the receiver's socket before it connects. Without it the sender connects.
    init(preparingReceiver prepareReceiver: ((Int32) -> Void)? = nil) {
        let listener = BlockingSocket.bound()
        defer { listener.close() }
        Self.limitSegments(listener.descriptor)
        precondition(listen(listener.descriptor, 1) == 0)
        let connecting = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        Self.limitSegments(connecting)
        prepareReceiver?(connecting)
        let status = listener.address.withSockaddr { connect(connecting, $0, $1) }
        precondition(status == 0, "connect: \(errno)")
        let accepted = listener.accept().descriptor
        (sender, receiver) = prepareReceiver == nil ? (connecting, accepted) : (accepted, connecting)
    }

    deinit {
        close(sender)
        close(receiver)
    }

    var advertisedWindow: Int { Int(LegSample(descriptor: receiver)?.receiveWindow ?? 0) }
    /// Segments that were sent again because they had not arrived. The receiver names those that came twice (RFC 2883), which
    /// a sender on a busy machine repeats for no reason.
    var lostSegments: Int {
        var info = csluice_tcp_info()
        _ = csluice_get_tcp_info(sender, &info)
        return Int(info.total_retrans) - Int(info.dsack_dups)
    }

    /// Sends as fast as the receiver, which reads everything, lets it.
    func flow(_ bytes: Int) {
        var received = 0
        while received < bytes {
            fill()
            received += drain()
        }
    }

    /// Flows until the window satisfies `condition`; false when it never did.
    func flow(until condition: (Int) -> Bool) -> Bool {
        for _ in 0..<20_000 {
            if condition(advertisedWindow) { return true }
            flow(256 << 10)
        }
        return false
    }

    /// Sends as much as fits while nobody reads.
    func fill() {
        while send(sender, buffer, buffer.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) > 0 {}
    }

    private func drain() -> Int {
        var total = 0
        while case let count = recv(receiver, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count > 0 {
            total += count
        }
        return total
    }

    private static func limitSegments(_ descriptor: Int32) {
        var bytes: Int32 = 1448
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_MAXSEG, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }
}
