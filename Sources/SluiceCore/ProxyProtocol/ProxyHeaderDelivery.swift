/// Sends a PROXY header, before anything else. It leaves in one piece wherever the socket takes it so, which a new one does.
struct ProxyHeaderDelivery {
    /// What a call came to.
    enum Progress {
        case whole
        /// The socket is full: to be called again when it is writable.
        case waiting
        case failed
    }

    private let bytes: [UInt8]
    private var sent = 0

    init(_ header: ProxyHeader, as version: SendProxy) {
        bytes = header.encoded(as: version == .v1 ? .v1 : .v2)
    }

    mutating func proceed(on socket: StreamSocket) -> Progress {
        while sent < bytes.count {
            let transfer = bytes.withUnsafeBytes { bytes in
                socket.write(bytes.baseAddress! + sent, count: bytes.count - sent)
            }
            switch transfer {
            case .bytes(let count): sent += count
            case .wouldBlock: return .waiting
            case .failed: return .failed
            case .endOfFile: preconditionFailure("a write has no end of file")
            }
        }
        return .whole
    }
}
