/// An origin that says its name, one letter, to whoever comes, and keeps the connection open.
final class NamedOrigin: Sendable {
    let endpoint: Endpoint
    private let listener: Listener

    init(_ name: String, port: UInt16 = 0) throws {
        let listener = try Listener(port: port)
        self.listener = listener
        endpoint = listener.endpoint
        _ = Background {
            while true {
                let peer = try listener.accept()
                _ = Background {
                    // A client that is gone already wants no name.
                    try? peer.send(name)
                    while try !peer.receive().isEmpty {}
                    peer.close()
                }
            }
        }
    }

    deinit { listener.close() }
}
