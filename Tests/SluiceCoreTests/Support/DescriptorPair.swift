import Glibc

/// Two connected descriptors, closed together with this.
final class DescriptorPair {
    let first: Int32
    let second: Int32
    private var isFirstOpen = true

    private init(_ pair: [Int32]) {
        first = pair[0]
        second = pair[1]
    }

    deinit {
        closeFirst()
        close(second)
    }

    func closeFirst() {
        if isFirstOpen { close(first) }
        isFirstOpen = false
    }

    /// A blocking Unix socket pair.
    static func sockets() -> DescriptorPair {
        var pair: [Int32] = [-1, -1]
        let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        precondition(status == 0, "socketpair: \(errno)")
        return DescriptorPair(pair)
    }

    /// A pipe: `first` is read, `second` is written.
    static func pipe() -> DescriptorPair {
        var pair: [Int32] = [-1, -1]
        let status = Glibc.pipe(&pair)
        precondition(status == 0, "pipe: \(errno)")
        return DescriptorPair(pair)
    }

    /// Both ends of a TCP connection over loopback.
    static func tcp() -> DescriptorPair {
        let listener = BlockingSocket.listening()
        defer { listener.close() }
        let client = BlockingSocket.connected(to: listener.address)
        return DescriptorPair([client.descriptor, listener.accept().descriptor])
    }
}
