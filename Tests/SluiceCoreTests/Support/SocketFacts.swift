import CSluiceLinux
import Glibc
import SluiceControl

@testable import SluiceCore

/// What the kernel says of a socket of this process.
struct SocketFacts: Equatable {
    /// As `SO_SNDBUF` and `SO_RCVBUF` read back: twice what was set.
    var sendBuffer: Int32
    var receiveBuffer: Int32
    var congestionControl: CongestionControl?
    /// How far the window that it advertises is scaled: decided in the handshake.
    var receiveWindowScale: UInt8

    init(of descriptor: Int32) {
        sendBuffer = Self.option(descriptor, SOL_SOCKET, SO_SNDBUF)
        receiveBuffer = Self.option(descriptor, SOL_SOCKET, SO_RCVBUF)
        congestionControl = .current(of: descriptor)
        var info = csluice_tcp_info()
        _ = csluice_get_tcp_info(descriptor, &info)
        receiveWindowScale = info.wscale >> 4
    }

    /// A socket of this process that is connected to `peer`: how a test gets at the proxy's own legs.
    static func descriptor(connectedTo peer: SocketAddress) -> Int32? {
        (0..<Int32(getdtablesize())).prefix(4096).first { candidate in
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            return withUnsafeMutablePointer(to: &storage) { pointer in
                let status = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(candidate, $0, &length)
                }
                return status == 0 && SocketAddress(UnsafeRawPointer(pointer), length: length) == peer
            }
        }
    }

    /// What the application has not read yet (SIOCINQ by another name: a peek tells the same).
    static func unreadBytes(of descriptor: Int32) -> Int {
        var buffer = [UInt8](repeating: 0, count: 16 << 20)
        return max(0, recv(descriptor, &buffer, buffer.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)))
    }

    static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
    }
}
