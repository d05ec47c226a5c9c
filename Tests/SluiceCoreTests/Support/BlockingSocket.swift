import Glibc

@testable import SluiceCore

/// A blocking TCP socket for a test's side of a connection. Whoever makes one closes it.
struct BlockingSocket {
    let descriptor: Int32

    /// Has a free port of 127.0.0.1, and refuses whoever connects to it.
    static func bound() -> BlockingSocket {
        let result = BlockingSocket(descriptor: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        let wanted = SocketAddress(literal: "127.0.0.1", port: 0)!
        let status = wanted.withSockaddr { bind(result.descriptor, $0, $1) }
        precondition(status == 0, "bind: \(errno)")
        return result
    }

    /// Listens on a free port of 127.0.0.1.
    static func listening() -> BlockingSocket {
        let result = bound()
        precondition(listen(result.descriptor, 16) == 0, "listen: \(errno)")
        return result
    }

    static func connected(to address: SocketAddress) -> BlockingSocket {
        let result = BlockingSocket(descriptor: socket(address.family, Int32(SOCK_STREAM.rawValue), 0))
        let status = address.withSockaddr { connect(result.descriptor, $0, $1) }
        precondition(status == 0, "connect: \(errno)")
        return result
    }

    var address: SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
            return SocketAddress(UnsafeRawPointer(pointer), length: length)!
        }
    }

    func accept() -> BlockingSocket {
        BlockingSocket(descriptor: Glibc.accept(descriptor, nil, nil))
    }

    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until `buffer` is full, or the peer has ended.
    func receive(_ buffer: inout [UInt8]) -> Int {
        recv(descriptor, &buffer, buffer.count, Int32(MSG_WAITALL))
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Everything up to the end of file. `nil` when the peer reset the connection.
    func receiveAll() -> [UInt8]? {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 { return result }
            if count < 0 { return nil }
            result += chunk[..<count]
        }
    }

    func close() { Glibc.close(descriptor) }
}
